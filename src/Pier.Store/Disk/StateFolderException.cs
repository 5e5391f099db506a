namespace Pier.Store.Disk;

/// <summary>The state folder cannot be used; the message names it, says why and what to do.</summary>
public sealed class StateFolderException(string message, Exception? cause = null) : IOException(message, cause);
