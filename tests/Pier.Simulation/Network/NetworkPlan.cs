using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Tracking;
using Pier.BitTorrent.Wire;

namespace Pier.Simulation.Network;

/// <summary>What a simulated network is like.</summary>
internal sealed record NetworkPlan
{
    /// <summary>Decides everything that is left to chance.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Time from any node to any other, one way; at least a millisecond.</summary>
    public TimeSpan Latency { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>Bytes of a block: 16 KiB as on the wire, or a larger unit that costs less to simulate.</summary>
    public int BlockSize { get; init; } = WireLimits.BlockSize;

    /// <summary>Connections of a node.</summary>
    public int MaxConnections { get; init; } = 60;

    /// <summary>Peers that a node serves at once; what the engine usually does unless said otherwise.</summary>
    public int UploadSlots { get; init; } = new BitTorrentOptions().UploadSlots;

    /// <summary>Bytes that a node hashes and stores per second.</summary>
    public double HashRate { get; init; } = 1e9;

    /// <summary>Peers of a torrent that the tracker remembers; what ours usually does unless said otherwise.</summary>
    public int TrackedPeers { get; init; } = new SwarmRegistryOptions().MaxPeersPerSwarm;

    /// <summary>Whether pieces are picked in order instead of the rarest first: what a test breaks on purpose.</summary>
    public bool PicksInOrder { get; init; }
}
