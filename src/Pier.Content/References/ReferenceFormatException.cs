namespace Pier.Content.References;

/// <summary>A text is no image reference or repository name; the message quotes it and says which rule it breaks.</summary>
public sealed class ReferenceFormatException(string message, Exception? cause = null) : FormatException(message, cause);
