namespace Pier.Volumes.Fuse.Protocol;

/// <summary>What kernel and file system can do, as INIT negotiates it; bits 32 and up travel in <c>flags2</c>.</summary>
[Flags]
internal enum FuseFeatures : ulong
{
    None = 0,

    /// <summary>Several reads of one file at once.</summary>
    AsynchronousRead = 1UL << 0,

    /// <summary>Directories with the attributes of their entries.</summary>
    ReadDirectoryPlus = 1UL << 13,

    /// <summary>Attributes only where somebody seems to want them.</summary>
    ReadDirectoryPlusWhenUseful = 1UL << 14,

    /// <summary>Several look-ups in one directory at once.</summary>
    ParallelDirectoryOperations = 1UL << 18,

    /// <summary>Requests of more than 32 pages.</summary>
    MaxPages = 1UL << 22,

    /// <summary>Targets of links stay in the page cache.</summary>
    CacheSymbolicLinks = 1UL << 23,

    /// <summary>The second half of these bits counts.</summary>
    ExtendedInit = 1UL << 30,

    /// <summary>Reads go from the kernel to a file below, without the file system (kernel ≥ 6.9).</summary>
    Passthrough = 1UL << 37,

    /// <summary>Requests that a former server left unanswered can be asked for again (kernel ≥ 6.9).</summary>
    Resend = 1UL << 39,
}
