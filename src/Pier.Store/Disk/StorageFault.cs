using Pier.Content.Contracts;

namespace Pier.Store.Disk;

/// <summary>Turns what the system says about a file into an error that names the file and what to do.</summary>
internal static class StorageFault
{
    // errno(3) numbers, the same on every Linux architecture.
    private const int NoSpaceLeft = 28;
    private const int QuotaExceeded = 122;
    private const int ReadOnlyFileSystem = 30;

    /// <summary>True for a refusal by the disk that has not been described yet.</summary>
    public static bool Is(Exception exception) =>
        exception is IOException or UnauthorizedAccessException && exception is not ContentException;

    /// <summary>Describes a refusal; <paramref name="action"/> is what was tried, as in "write".</summary>
    public static ContentStorageException Describe(string action, string path, Exception cause) =>
        new($"Cannot {action} {path}: {Reason(cause)}", cause);

    private static string Reason(Exception cause) => cause switch
    {
        UnauthorizedAccessException => "permission denied. Give the daemon's user access to the state folder.",
        { HResult: NoSpaceLeft } => "no space left on the device. Free space there, or move the state folder to a larger disk.",
        { HResult: QuotaExceeded } => "the disk quota is used up. Free space there, or move the state folder.",
        { HResult: ReadOnlyFileSystem } => "the file system is read-only. Mount it writable, or move the state folder.",
        _ => cause.Message,
    };
}
