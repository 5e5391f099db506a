namespace Pier.Content.Uris;

/// <summary>A text is no content URI, or points where Pier never goes; the message quotes it and says why.</summary>
public sealed class ContentUriException(string message, Exception? cause = null) : FormatException(message, cause);
