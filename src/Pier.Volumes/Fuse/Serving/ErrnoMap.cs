using Pier.Content.Contracts;
using Pier.Volumes.Fuse.Protocol;

namespace Pier.Volumes.Fuse.Serving;

/// <summary>Which error number a failure becomes, once, at the edge.</summary>
internal static class ErrnoMap
{
    /// <summary>The error number of a failure.</summary>
    /// <param name="failure">What went wrong.</param>
    /// <param name="isInterrupted">Whether the reader was interrupted.</param>
    /// <param name="impatience">What a wait says that took too long.</param>
    public static int Of(Exception failure, bool isInterrupted, int impatience) => failure switch
    {
        OperationCanceledException => isInterrupted ? Errno.Interrupted : impatience,
        ContentNotFoundException => Errno.NotFound,
        ContentDeniedException => Errno.AccessDenied,
        OutOfMemoryException => Errno.OutOfMemory,
        _ => Errno.InputOutput,
    };
}
