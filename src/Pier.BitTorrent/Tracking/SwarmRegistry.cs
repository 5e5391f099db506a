using System.Net;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Trackers;

namespace Pier.BitTorrent.Tracking;

/// <summary>
/// The state of our tracker: which swarms there are and who is in them. No I/O: HTTP and UDP front ends call it from any
/// thread, and time passes by the clock it is given.
/// </summary>
public sealed class SwarmRegistry
{
    private const int Shards = 16;
    private const int SweptPerTick = 4096;

    private readonly RegistryShard[] _shards;

    /// <param name="options">How it behaves.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">Chooses among peers; thread-safe where the registry is used by several threads.</param>
    public SwarmRegistry(SwarmRegistryOptions options, TimeProvider time, Random random)
    {
        ArgumentNullException.ThrowIfNull(options);
        Options = options;
        var shards = Math.Clamp(options.MaxSwarms, 1, Shards);
        _shards = [.. Enumerable.Range(0, shards).Select(_ => new RegistryShard(options, shards, time, random))];
    }

    /// <summary>How it behaves.</summary>
    public SwarmRegistryOptions Options { get; }

    /// <summary>Takes an announce and answers it.</summary>
    /// <param name="announce">What was announced.</param>
    /// <param name="peers">Room for others in the swarm; <see cref="SwarmRegistryOptions.MaxPeersPerAnswer"/> are never too few.</param>
    public RegistryAnswer Announce(in TrackedAnnounce announce, Span<TrackedPeer> peers)
    {
        var port = announce.EndPoint.Port;
        var address = announce.EndPoint.Address;
        if (!TrackerBounds.IsReachable(address, port))
        {
            return RegistryAnswer.No(TrackerRefusal.Unreachable);
        }

        if (Options.LoopbackSeenAs is { } outside && new PeerAddress(address, 0).IsLoopback)
        {
            address = outside;
        }

        var wanted = announce.PeersWanted is { } said and >= 0 ? said : Options.UsualPeersPerAnswer;
        var room = peers[..Math.Min(peers.Length, Math.Min(wanted, Options.MaxPeersPerAnswer))];
        var isMember = Options.IsMember?.Invoke(address) == true;
        return ShardOf(announce.InfoHash).Announce(announce, new PeerAddress(address, (ushort)port), isMember, room);
    }

    /// <summary>The counts of a swarm; false when nobody is in it.</summary>
    public bool TryCount(InfoHash infoHash, out SwarmCounts counts) => ShardOf(infoHash).TryCount(infoHash, out counts);

    /// <summary>All swarms with somebody in them, in no order.</summary>
    public IReadOnlyList<KeyValuePair<InfoHash, SwarmCounts>> List()
    {
        var swarms = new List<KeyValuePair<InfoHash, SwarmCounts>>();
        foreach (var shard in _shards)
        {
            shard.List(swarms);
        }

        return swarms;
    }

    /// <summary>Forgets peers that were silent too long; announces do so too, a few each, so that this matters to an idle tracker only.</summary>
    public void Sweep()
    {
        foreach (var shard in _shards)
        {
            shard.Sweep(SweptPerTick);
        }
    }

    /// <summary>Looks at peers that wait for their time: bounded by the number of peers, and so proved.</summary>
    internal int LooksWaiting => _shards.Sum(shard => shard.LooksWaiting);

    private RegistryShard ShardOf(InfoHash infoHash) => _shards[(int)((uint)infoHash.GetHashCode() % (uint)_shards.Length)];
}
