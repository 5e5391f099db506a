using System.Globalization;

namespace Pier.BitTorrent.Magnets;

/// <summary>A run of file indices that a magnet link selects (BEP 53), both ends included.</summary>
public readonly record struct FileSelection(int First, int Last)
{
    /// <summary>Whether the file with this index is selected.</summary>
    public bool Contains(int fileIndex) => fileIndex >= First && fileIndex <= Last;

    /// <summary><c>3</c> or <c>3-7</c>.</summary>
    public override string ToString() =>
        First == Last ? First.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{First}-{Last}");

    internal static FileSelection Parse(ReadOnlySpan<char> text)
    {
        var dash = text.IndexOf('-');
        var first = Index(dash < 0 ? text : text[..dash]);
        var last = dash < 0 ? first : Index(text[(dash + 1)..]);
        return first is { } from && last is { } to && from <= to
            ? new FileSelection(from, to)
            : throw new MagnetException($"'{text}' in so= is neither an index nor a range of indices");
    }

    private static int? Index(ReadOnlySpan<char> text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : null;
}
