namespace Pier.Buildkit.Supply;

/// <summary>Content whose bytes are known, ready to be fetched by BuildKit.</summary>
/// <param name="Request">Who wants it.</param>
/// <param name="Address">Where BuildKit gets it.</param>
/// <param name="Digest">SHA-256 of what it gets there.</param>
/// <param name="Filename">What the file is called; of a tree, the tar.</param>
/// <param name="Size">Length in bytes; null when nobody was asked.</param>
/// <param name="IsTree">It is the tar of a tree.</param>
/// <param name="IsExecutable">The file is a program.</param>
/// <param name="IsMutable">The same URIs may bring other bytes one day.</param>
internal sealed record SuppliedContent(
    ContentRequest Request, string Address, string Digest, string Filename, long? Size, bool IsTree, bool IsExecutable, bool IsMutable)
{
    /// <summary>SHA-256 of its torrent, <c>sha256:</c> and hex; null unless it is to be served.</summary>
    public string? Torrent { get; init; }

    /// <summary>Where BuildKit gets the torrent.</summary>
    public string? TorrentAddress { get; init; }

    /// <summary>Info-hashes of the torrent that it came by; none when it came otherwise, or nobody was asked.</summary>
    public IReadOnlyList<string> InfoHashes { get; init; } = [];

    /// <summary>Outline of that torrent, in base64; null for none.</summary>
    public string? Outline { get; init; }

    /// <summary>SHA-256 of the archive that the sources brought, when this is the tar in it; else null.</summary>
    public string? Archive { get; init; }

    /// <summary>The flag that makes this very content the only one that the line accepts.</summary>
    public string ChecksumFlag => $"--checksum={(IsTree ? "tree:" : "")}{Archive ?? Digest}";
}
