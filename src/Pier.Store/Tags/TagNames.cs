using System.Buffers;

namespace Pier.Store.Tags;

/// <summary>Which names may become parts of a path on disk; wider than the reference grammar, and never leading out of the folder.</summary>
internal static class TagNames
{
    private const string Letters = "abcdefghijklmnopqrstuvwxyz0123456789";
    private const string Capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private static readonly SearchValues<char> PathCharacters = SearchValues.Create(Letters + "._-");
    private static readonly SearchValues<char> TagCharacters = SearchValues.Create(Letters + Capitals + "._-");
    private static readonly SearchValues<char> HostCharacters = SearchValues.Create(Letters + Capitals + ".-:[]");

    /// <summary>A tag: a word of at most 128 characters that begins with a letter, digit or underscore.</summary>
    public static bool IsTag(string text) =>
        text.Length is > 0 and <= 128 && text[0] is not ('.' or '-') && !text.AsSpan().ContainsAnyExcept(TagCharacters);

    /// <summary>A host with optional port, <c>[::1]:5000</c> too.</summary>
    public static bool IsRegistry(string text) =>
        text.Length is > 0 and <= 255 && (char.IsAsciiLetterOrDigit(text[0]) || text[0] == '[') && !text.AsSpan().ContainsAnyExcept(HostCharacters);

    /// <summary>Segments between slashes, each beginning with a letter or digit.</summary>
    public static bool IsPath(string text)
    {
        if (text.Length is 0 or > 255)
        {
            return false;
        }

        foreach (var part in text.AsSpan().Split('/'))
        {
            var segment = text.AsSpan()[part];
            if (segment.IsEmpty || !char.IsAsciiLetterOrDigit(segment[0]) || segment.ContainsAnyExcept(PathCharacters))
            {
                return false;
            }
        }

        return true;
    }
}
