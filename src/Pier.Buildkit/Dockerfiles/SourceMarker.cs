using System.Globalization;

namespace Pier.Buildkit.Dockerfiles;

/// <summary>
/// How a PIER line travels through BuildKit's own frontend: as an ADD of an address that exists nowhere (RFC 2606), in whose
/// query the flags and sources stand. BuildKit expands variables, leaves out stages that are not built, and gives back an
/// HTTP source in which this type recognises them.
/// </summary>
public static class SourceMarker
{
    /// <summary>Begins every marker.</summary>
    public const string Prefix = "http://pier.invalid/";

    /// <summary>Stands between words; no URI contains it (RFC 3986 allows neither character).</summary>
    public const string Separator = "<pier>";

    /// <summary>The marker of an instruction.</summary>
    /// <param name="number">Which PIER of the Dockerfile, from 0.</param>
    /// <param name="words">Content flags and sources, variables not expanded.</param>
    public static string Write(int number, IEnumerable<string> words) =>
        string.Create(CultureInfo.InvariantCulture, $"{Prefix}{number}?{string.Join(Separator, words)}");

    /// <summary>Reads a marker; null for any other address.</summary>
    public static (int Number, IReadOnlyList<string> Words)? Read(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (!address.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return null;
        }

        var query = address.IndexOf('?', StringComparison.Ordinal);
        return query > 0 && int.TryParse(address.AsSpan(Prefix.Length, query - Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? (number, address[(query + 1)..].Split(Separator))
            : null;
    }

    /// <summary>A text in which markers stand, such as an image's history, as the user would have written it.</summary>
    public static string Restore(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        for (var at = text.IndexOf("ADD ", StringComparison.Ordinal); at >= 0; at = text.IndexOf("ADD ", at + 1, StringComparison.Ordinal))
        {
            var marker = text.IndexOf(Prefix, at, StringComparison.Ordinal);
            var query = marker < 0 ? -1 : text.IndexOf('?', marker);
            if (query < 0)
            {
                break;
            }

            if (text.IndexOf("ADD ", at + 1, StringComparison.Ordinal) is var next && next >= 0 && next < marker)
            {
                continue;
            }

            text = $"{text[..at]}{PierInstruction.Name} {text[(at + 4)..marker]}{text[(query + 1)..]}";
        }

        return text.Replace(Separator, " ", StringComparison.Ordinal);
    }
}
