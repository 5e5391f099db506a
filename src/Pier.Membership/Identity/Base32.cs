namespace Pier.Membership.Identity;

/// <summary>RFC 4648 §6 base32 in lower case without padding: node ids and join tokens are typed and pasted by people.</summary>
internal static class Base32
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    /// <summary>Encodes bytes; the result has ⌈8n/5⌉ characters.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        var text = new char[((bytes.Length * 8) + 4) / 5];
        var bits = 0;
        var held = 0;
        var at = 0;
        foreach (var value in bytes)
        {
            bits = (bits << 8) | value;
            held += 8;
            while (held >= 5)
            {
                held -= 5;
                text[at++] = Alphabet[(bits >> held) & 31];
            }

            bits &= (1 << held) - 1;
        }

        if (held > 0)
        {
            text[at] = Alphabet[(bits << (5 - held)) & 31];
        }

        return new string(text);
    }

    /// <summary>
    /// Decodes text that must fill <paramref name="bytes"/> exactly. False for any other length, foreign
    /// characters, and spare bits that are not zero, so that one value has one spelling.
    /// </summary>
    public static bool TryDecode(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        if (text.Length != ((bytes.Length * 8) + 4) / 5)
        {
            return false;
        }

        var bits = 0;
        var held = 0;
        var at = 0;
        foreach (var letter in text)
        {
            var value = ValueOf(letter);
            if (value < 0)
            {
                return false;
            }

            bits = (bits << 5) | value;
            held += 5;
            if (held >= 8)
            {
                held -= 8;
                bytes[at++] = (byte)(bits >> held);
                bits &= (1 << held) - 1;
            }
        }

        return bits == 0;
    }

    private static int ValueOf(char letter) => letter switch
    {
        >= 'a' and <= 'z' => letter - 'a',
        >= '2' and <= '7' => letter - '2' + 26,
        _ => -1,
    };
}
