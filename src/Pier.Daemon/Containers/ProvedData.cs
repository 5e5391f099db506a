using Pier.BitTorrent.Torrents;

namespace Pier.Daemon.Containers;

/// <summary>Content that is what its label says.</summary>
/// <param name="Torrent">By which it is served.</param>
/// <param name="Seals">By which a change shows.</param>
internal sealed record ProvedData(Metainfo Torrent, BlockSeals Seals);
