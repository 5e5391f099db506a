using Pier.BitTorrent.Magnets;
using Pier.BitTorrent.Torrents;
using Pier.Store.Swarms;

namespace Pier.Daemon.Nodes;

/// <summary>Makes the magnet links that this node prints: with its own address as a peer, so that a link is enough (BEP 9, <c>x.pe</c>).</summary>
internal sealed class Magnets(OwnAddress own)
{
    /// <summary>The link of a blob torrent.</summary>
    public string Of(SwarmRecord record) => WithPeer(new MagnetLink
    {
        Id = new TorrentId(InfoHash.Parse(record.V1), InfoHashV2.Parse(record.V2)),
        DisplayName = record.Digest.Hex,
        ExactLength = record.Size,
    });

    /// <summary>The link of a torrent that is known whole.</summary>
    public string Of(Metainfo metainfo) => WithPeer(MagnetLink.To(metainfo) with { ExactLength = metainfo.TotalLength });

    private string WithPeer(MagnetLink link) => (link with { Peers = [own.ForLinks()] }).ToString();
}
