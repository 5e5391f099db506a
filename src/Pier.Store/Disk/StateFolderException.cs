namespace Pier.Store.Disk;

/// <summary>The state folder cannot be used; the message names it, says why and what to do.</summary>
public sealed class StateFolderException(string message, Exception? cause = null) : IOException(message, cause)
{
    /// <summary>True when another process holds the folder; false when it cannot be made, read or written.</summary>
    public bool IsInUse { get; init; }
}
