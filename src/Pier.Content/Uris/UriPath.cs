using System.Text;

namespace Pier.Content.Uris;

/// <summary>Decodes the path of a content URI and refuses what could climb out of a tree.</summary>
internal static class UriPath
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Percent-decodes a path without its leading slash; a trailing slash falls away.</summary>
    /// <exception cref="ContentUriException">Bad escapes, bad UTF-8, control characters, or segments that are empty, '.' or '..'.</exception>
    public static string Decode(string text, string path)
    {
        var trimmed = path.EndsWith('/') ? path[..^1] : path;
        if (trimmed.Length == 0)
        {
            return "";
        }

        return string.Join('/', trimmed.Split('/').Select(segment => DecodeSegment(text, segment)));
    }

    private static string DecodeSegment(string text, string segment)
    {
        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(segment.Length)];
        var count = 0;
        for (var at = 0; at < segment.Length; at++)
        {
            if (segment[at] != '%')
            {
                var run = at;
                while (at + 1 < segment.Length && segment[at + 1] != '%')
                {
                    at++;
                }

                count += Encoding.UTF8.GetBytes(segment.AsSpan(run, at - run + 1), bytes.AsSpan(count));
                continue;
            }

            if (at + 2 >= segment.Length || !char.IsAsciiHexDigit(segment[at + 1]) || !char.IsAsciiHexDigit(segment[at + 2]))
            {
                throw ContentUriGrammar.Fault(text, "a '%' in the path must be followed by two hex digits.");
            }

            bytes[count++] = Convert.FromHexString(segment.AsSpan(at + 1, 2))[0];
            at += 2;
        }

        return Check(text, bytes.AsSpan(0, count));
    }

    private static string Check(string text, ReadOnlySpan<byte> bytes)
    {
        string segment;
        try
        {
            segment = StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException broken)
        {
            throw ContentUriGrammar.Fault(text, "the path is not UTF-8.", broken);
        }

        if (segment is "" or "." or ".." || segment.Contains('/', StringComparison.Ordinal) || segment.Any(char.IsControl))
        {
            throw ContentUriGrammar.Fault(text, "path segments must not be empty, '.' or '..', nor hold '/' or control characters.");
        }

        return segment;
    }
}
