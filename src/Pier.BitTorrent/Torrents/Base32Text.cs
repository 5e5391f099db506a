namespace Pier.BitTorrent.Torrents;

/// <summary>Base32 text without padding (RFC 4648 §6), the older form of an info-hash in magnet links.</summary>
internal static class Base32Text
{
    private const int BitsPerLetter = 5;

    /// <summary>Fills the destination; false when the text does not encode exactly that many whole bytes.</summary>
    public static bool TryDecode(ReadOnlySpan<char> text, Span<byte> destination)
    {
        if (text.Length * BitsPerLetter != destination.Length * 8)
        {
            return false;
        }

        var bits = 0;
        var held = 0;
        var written = 0;
        foreach (var letter in text)
        {
            var value = Value(letter);
            if (value < 0)
            {
                return false;
            }

            bits = (bits << BitsPerLetter) | value;
            held += BitsPerLetter;
            if (held >= 8)
            {
                held -= 8;
                destination[written++] = (byte)(bits >> held);
                bits &= (1 << held) - 1;
            }
        }

        return true;
    }

    private static int Value(char letter) => letter switch
    {
        >= 'A' and <= 'Z' => letter - 'A',
        >= 'a' and <= 'z' => letter - 'a',
        >= '2' and <= '7' => letter - '2' + 26,
        _ => -1,
    };
}
