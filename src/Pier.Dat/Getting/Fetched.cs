using Pier.BitTorrent.Torrents;

namespace Pier.Dat.Getting;

/// <summary>What was fetched.</summary>
/// <param name="Metainfo">The torrent by which it is served.</param>
/// <param name="Path">The file, or the folder of the torrent's files.</param>
internal sealed record Fetched(Metainfo Metainfo, string Path)
{
    /// <summary>Why it is not to be served, or null.</summary>
    public string? Secret { get; init; }
}
