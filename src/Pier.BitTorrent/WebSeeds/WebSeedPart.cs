namespace Pier.BitTorrent.WebSeeds;

/// <summary>Bytes of a torrent that one request to a web server brings; padding needs none.</summary>
/// <param name="Address">What to ask for; null for padding, which is zero.</param>
/// <param name="Length">Bytes.</param>
internal sealed record WebSeedPart(Uri? Address, long Length)
{
    /// <summary>The first byte within the file, to be asked for by a Range header; null when the address says which bytes.</summary>
    public long? From { get; init; }

    /// <summary>Bytes of the file.</summary>
    public long FileLength { get; init; }

    /// <summary>Index of the file in the torrent.</summary>
    public int FileIndex { get; init; } = -1;
}
