namespace Pier.BitTorrent.Storage;

/// <summary>How a <see cref="FileTreeStorage"/> treats what is on disk.</summary>
public sealed record FileTreeOptions
{
    /// <summary>Everything is there and right: nothing is hashed, and nothing will be written.</summary>
    public bool IsSealed { get; init; }

    /// <summary>
    /// The files are somebody else's: what is there is hashed and read, nothing is made or written. For swarms that want no file.
    /// </summary>
    public bool IsReadOnly { get; init; }

    /// <summary>Files open at once.</summary>
    public int MaxOpenFiles { get; init; } = 128;

    /// <summary>
    /// Where it is remembered which pieces are safely on disk, so that the next opening hashes only what is in doubt; null to
    /// remember nothing and to hash whatever is there.
    /// </summary>
    public string? ResumeFile { get; init; }

    /// <summary>How long a stored piece, but for the first, may wait until it is remembered; bytes reach the disk first.</summary>
    public TimeSpan ResumeInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Knows files that lie elsewhere; those are read there, neither fetched nor made here. Null for none. Only files with a root
    /// of their own can be known: those of v2 and hybrid torrents.
    /// </summary>
    public IFileLender? Lender { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
