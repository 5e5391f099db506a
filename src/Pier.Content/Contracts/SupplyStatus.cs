namespace Pier.Content.Contracts;

/// <summary>How far content for a build is: here with a digest, failed with a reason, or neither, on its way.</summary>
/// <param name="IsMutable">The same URIs may bring other bytes one day.</param>
public sealed record SupplyStatus(bool IsMutable)
{
    /// <summary>What it is, once it is here.</summary>
    public SuppliedBlob? Blob { get; init; }

    /// <summary>Why it cannot be had.</summary>
    public string? Problem { get; init; }

    /// <summary>Bytes that are here.</summary>
    public long Done { get; init; }

    /// <summary>Bytes of all; 0 while unknown.</summary>
    public long Total { get; init; }

    /// <summary>Bytes a second of late.</summary>
    public double Rate { get; init; }

    /// <summary>Where they came from, most first: <c>swarm, upstream</c>; empty while nothing has come.</summary>
    public string Sources { get; init; } = "";
}

/// <summary>Content as a blob: one file, or the deterministic tar of a tree.</summary>
/// <param name="Digest">Its SHA-256.</param>
/// <param name="Size">Length in bytes.</param>
/// <param name="IsTree">It is a tar.</param>
/// <param name="IsExecutable">The file carries the executable bit.</param>
/// <param name="Name">Name of the file or folder.</param>
public sealed record SuppliedBlob(Digest Digest, long Size, bool IsTree, bool IsExecutable, string Name)
{
    /// <summary>The blob that is the <c>.torrent</c> file of the content; null when nobody wanted one.</summary>
    public Digest? Torrent { get; init; }

    /// <summary>Info-hashes of the torrent that the whole content came by, in hex: v1, v2 or both; none when it came otherwise.</summary>
    public IReadOnlyList<string> InfoHashes { get; init; } = [];

    /// <summary>That torrent's info dictionary with an empty <c>pieces</c>, in base64, where it is short; null otherwise.</summary>
    public string? Outline { get; init; }

    /// <summary>The compressed archive that the sources brought, when this is the tar in it; else null.</summary>
    public Digest? Archive { get; init; }
}
