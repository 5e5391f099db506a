namespace Pier.Api.Supplies;

/// <summary>What a node says of content that a build asks for: the <em>resolve</em> document.</summary>
/// <param name="State">One of <see cref="SupplyStates"/>.</param>
public sealed record SupplyAnswer(string State)
{
    /// <summary>The document's version.</summary>
    public int Version { get; init; } = 1;

    /// <summary>SHA-256 of what the data door gives: of the file, or of the tree's tar; <c>sha256:</c> and hex. When ready.</summary>
    public string? Digest { get; init; }

    /// <summary>Length of that in bytes. When ready.</summary>
    public long Size { get; init; }

    /// <summary>True for a tree, which comes as a tar; false for one file.</summary>
    public bool IsTree { get; init; }

    /// <summary>True when a file carries the executable bit.</summary>
    public bool IsExecutable { get; init; }

    /// <summary>What the content is called. When ready.</summary>
    public string? Name { get; init; }

    /// <summary>SHA-256 of the content's <c>.torrent</c> file, which the data door gives too. When ready and asked for.</summary>
    public string? Torrent { get; init; }

    /// <summary>Info-hashes of the torrent that the whole content came by, in hex. When ready and it did.</summary>
    public IReadOnlyList<string>? InfoHashes { get; init; }

    /// <summary>That torrent's info dictionary with an empty <c>pieces</c>, in base64. When ready, and it is short.</summary>
    public string? Outline { get; init; }

    /// <summary>SHA-256 of the compressed archive that the sources brought, when the digest is of the tar in it. When ready.</summary>
    public string? Archive { get; init; }

    /// <summary>True when the same URIs may bring other bytes one day.</summary>
    public bool IsMutable { get; init; }

    /// <summary>Bytes here so far.</summary>
    public long Done { get; init; }

    /// <summary>Bytes of all, 0 while unknown.</summary>
    public long Total { get; init; }

    /// <summary>Bytes a second of late.</summary>
    public double Rate { get; init; }

    /// <summary>Where they came from, most first: <c>cache</c>, <c>swarm</c>, <c>members</c>, <c>ipfs</c>, <c>upstream</c>, with commas between. While some have come.</summary>
    public string? Sources { get; init; }

    /// <summary>Why it cannot be had. When failed.</summary>
    public string? Error { get; init; }
}
