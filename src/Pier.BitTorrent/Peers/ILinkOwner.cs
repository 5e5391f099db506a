using System.Net;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Metadata;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Peers;

/// <summary>What a connection needs of its swarm. Called from the connection's threads.</summary>
internal interface ILinkOwner
{
    /// <summary>The clock.</summary>
    TimeProvider Time { get; }

    /// <summary>Settings of the engine.</summary>
    BitTorrentOptions Options { get; }

    /// <summary>Limits on what is received and sent.</summary>
    TorrentBandwidth Bandwidth { get; }

    /// <summary>The torrent; null until its metadata is known and its storage open.</summary>
    TorrentContent? Content { get; }

    /// <summary>Computes hashes that peers ask for (BEP 52).</summary>
    BlockHashServer BlockHashes { get; }

    /// <summary>How near a peer is.</summary>
    PeerClass ClassOf(IPAddress address);

    /// <summary>The info dictionary of the torrent by that name; empty until it is known.</summary>
    ReadOnlyMemory<byte> InfoOf(InfoHash name);

    /// <summary>Tells the swarm what a peer did; waits while the swarm is behind.</summary>
    ValueTask ReportAsync(SwarmEvent.PeerReport report, CancellationToken cancellationToken);
}
