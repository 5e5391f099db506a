namespace Pier.Membership.Wire;

/// <summary>The form of a media type, checked before it reaches a header.</summary>
internal static class MediaTypeText
{
    private const int MaxLength = 255;

    /// <summary>True for printable ASCII of bounded length with one slash in it (RFC 6838 §4.2 bounds each half by 127).</summary>
    public static bool IsValid(string text) =>
        text.Length is > 2 and <= MaxLength && text.Contains('/') && !text.AsSpan().ContainsAnyExceptInRange(' ', '~');
}
