namespace Pier.Content.Contracts;

/// <summary>A delivery failed; derived types say which kind, the message which leg and what to do.</summary>
public abstract class ContentException : IOException
{
    /// <summary>Names the leg that failed.</summary>
    protected ContentException(string message, Exception? cause)
        : base(message, cause)
    {
    }
}

/// <summary>The name is known by those who would know it to name nothing.</summary>
public sealed class ContentNotFoundException(string message, Exception? cause = null) : ContentException(message, cause);

/// <summary>Nobody who may have it could be reached.</summary>
public sealed class ContentUnavailableException(string message, Exception? cause = null) : ContentException(message, cause);

/// <summary>Credentials or policy forbid it.</summary>
public sealed class ContentDeniedException(string message, Exception? cause = null) : ContentException(message, cause);

/// <summary>Bytes are not what their name or announced size says.</summary>
public sealed class ContentMismatchException(string message, Exception? cause = null) : ContentException(message, cause);

/// <summary>Pinned or leased content cannot be removed.</summary>
public sealed class ContentInUseException(string message, Exception? cause = null) : ContentException(message, cause);

/// <summary>The disk refused: full, unreadable, read-only.</summary>
public sealed class ContentStorageException(string message, Exception? cause = null) : ContentException(message, cause);

/// <summary>A document (manifest, index, layout) is malformed or over a bound; says what and where.</summary>
public sealed class ContentFormatException(string message, Exception? cause = null) : ContentException(message, cause);
