using Pier.Volumes.Fuse.Protocol;

namespace Pier.Volumes.Fuse.Serving;

/// <summary>How a tree is shown, and how long its readers wait.</summary>
public sealed record FuseOptions
{
    /// <summary>Owner of every node.</summary>
    public uint Uid { get; init; }

    /// <summary>Group of every node.</summary>
    public uint Gid { get; init; }

    /// <summary>Permission bits taken from every node.</summary>
    public int Umask { get; init; }

    /// <summary>How long a read waits for bytes that have not arrived.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Whether a read whose patience ends says EAGAIN, for programs that try again, rather than EIO.</summary>
    public bool TryAgain { get; init; }

    /// <summary>Whether the kernel may read whole files itself.</summary>
    public bool Passthrough { get; init; } = true;

    /// <summary>Threads that take requests.</summary>
    public int Threads { get; init; } = Math.Clamp(Environment.ProcessorCount, 2, 8);

    /// <summary>Bytes of all files, for <c>df</c>.</summary>
    public long TotalBytes { get; init; }

    /// <summary>Nodes, for <c>df -i</c>.</summary>
    public long TotalNodes { get; init; }

    /// <summary>What <c>/proc/mounts</c> shows as the source.</summary>
    public string Source { get; init; } = "pier";

    /// <summary>A file that tells the next server which handles are open; null when there is none after this one.</summary>
    public string? HandlesFile { get; init; }

    /// <summary>What impatience says.</summary>
    internal int PatienceErrno => TryAgain ? Errno.TryAgain : Errno.InputOutput;
}
