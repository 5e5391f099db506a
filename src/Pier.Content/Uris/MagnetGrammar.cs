namespace Pier.Content.Uris;

/// <summary>
/// Checks a magnet link as far as a content URI must: it names a torrent, and none of the addresses it carries is
/// forbidden. The BitTorrent room reads the rest.
/// </summary>
internal static class MagnetGrammar
{
    private const int MaxParameters = 512;

    public static MagnetUri Read(string text, string rest)
    {
        if (!rest.StartsWith('?'))
        {
            throw ContentUriGrammar.Fault(text, "after 'magnet:' comes '?' and parameters.");
        }

        var parameters = rest[1..].Split('&');
        if (parameters.Length > MaxParameters)
        {
            throw ContentUriGrammar.Fault(text, $"it has {parameters.Length} parameters; at most {MaxParameters} are read.");
        }

        var topics = 0;
        foreach (var parameter in parameters)
        {
            var equals = parameter.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                continue;
            }

            var value = Uri.UnescapeDataString(parameter[(equals + 1)..]);
            topics += ReadOne(text, Key(parameter[..equals]), value) ? 1 : 0;
        }

        return topics > 0
            ? new MagnetUri(text)
            : throw ContentUriGrammar.Fault(text, "it names no torrent; expected xt=urn:btih: with 40 hex or 32 base32 digits, or xt=urn:btmh:1220 with 64 hex digits.");
    }

    /// <summary>Judges one parameter; true when it names a torrent.</summary>
    private static bool ReadOne(string text, string key, string value)
    {
        switch (key)
        {
            case "xt":
                return IsTopic(value);
            case "tr" or "ws" or "as" or "xs" when Uri.TryCreate(value, UriKind.Absolute, out var address):
                ContentUriGrammar.RefuseForbidden(text, address.Host);
                return false;
            case "x.pe":
                ContentUriGrammar.RefuseForbidden(text, value);
                return false;
            default:
                return false;
        }
    }

    /// <summary><c>tr.1</c> counts as <c>tr</c>, as clients that number their parameters write it.</summary>
    private static string Key(string key)
    {
        var dot = key.LastIndexOf('.');
        return dot > 0 && int.TryParse(key.AsSpan(dot + 1), out _) ? key[..dot] : key;
    }

    private static bool IsTopic(string value)
    {
        if (value.StartsWith("urn:btih:", StringComparison.OrdinalIgnoreCase))
        {
            var hash = value.AsSpan(9);
            return hash.Length switch
            {
                40 => IsHex(hash),
                32 => IsBase32(hash),
                _ => false,
            };
        }

        // A multihash: 0x12 is SHA-256, 0x20 its length (BEP 52).
        return value.StartsWith("urn:btmh:1220", StringComparison.OrdinalIgnoreCase)
            && value.Length == 13 + 64 && IsHex(value.AsSpan(13));
    }

    private static bool IsHex(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiHexDigit(c))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsBase32(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiLetter(c) && c is not (>= '2' and <= '7'))
            {
                return false;
            }
        }

        return true;
    }
}
