using System.Globalization;

namespace Pier.BitTorrent.Peers;

/// <summary>The program behind a peer id, for peers that do not say it themselves (BEP 20).</summary>
internal static class ClientName
{
    private const char Dash = '-';
    private const int VersionAt = 3;
    private const int VersionEnd = 7;

    private static readonly Dictionary<string, string> Known = new(StringComparer.Ordinal)
    {
        ["A2"] = "aria2",
        ["AZ"] = "Vuze",
        ["BC"] = "BitComet",
        ["BI"] = "BiglyBT",
        ["BT"] = "BitTorrent",
        ["DE"] = "Deluge",
        ["KT"] = "KTorrent",
        ["LT"] = "libtorrent",
        ["lt"] = "rtorrent",
        ["PI"] = "Pier",
        ["qB"] = "qBittorrent",
        ["TR"] = "Transmission",
        ["TX"] = "Tixati",
        ["UT"] = "µTorrent",
        ["WD"] = "WebTorrent Desktop",
        ["WW"] = "WebTorrent",
    };

    /// <summary>"Transmission 3.0" for <c>-TR3000-…</c>, "aria2 1.36.0" for <c>A2-1-36-0-…</c>; the id itself when nobody is known by it.</summary>
    public static string Of(PeerId id)
    {
        var text = id.ToString();
        if (text[0] == Dash && text[VersionEnd] == Dash && Known.TryGetValue(text[1..VersionAt], out var name) && Digits(text[VersionAt..VersionEnd]) is { } digits)
        {
            return $"{name} {digits}";
        }

        return text.StartsWith("A2-", StringComparison.Ordinal) && Numbers(text[VersionAt..]) is { } numbers ? $"{Known["A2"]} {numbers}" : text;
    }

    /// <summary>A digit or letter for each number; zeros beyond the second number tell nothing.</summary>
    private static string? Digits(string version)
    {
        var numbers = version.Select(char.ToUpperInvariant).Select(letter => char.IsAsciiDigit(letter) ? letter - '0' : char.IsAsciiLetterUpper(letter) ? letter - 'A' + 10 : -1).ToArray();
        var shown = Math.Max(2, Array.FindLastIndex(numbers, number => number > 0) + 1);
        return numbers.Contains(-1) ? null : string.Join('.', numbers.Take(shown).Select(number => number.ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>Numbers between dashes, at most three.</summary>
    private static string? Numbers(string version)
    {
        var numbers = version.Split(Dash).Take(3).TakeWhile(number => number.Length is > 0 and < 4 && number.All(char.IsAsciiDigit)).ToArray();
        return numbers.Length > 1 ? string.Join('.', numbers) : null;
    }
}
