using System.Net;
using Pier.BitTorrent.Tracking;
using Pier.BitTorrent.Trackers;
using Pier.Simulation.Nodes;

namespace Pier.Simulation.Network;

/// <summary>Our tracker's own state, asked over the simulated network.</summary>
/// <param name="network">The network.</param>
/// <param name="most">Peers of a torrent that it remembers.</param>
internal sealed class SimulatedTracker(SimulatedNetwork network, int most)
{
    private const int PeersWanted = 80;

    private readonly SwarmRegistry _registry = new(
        new SwarmRegistryOptions { MaxPeersPerSwarm = most }, network.Time, new Random(network.Random.Next()));

    private readonly TrackedPeer[] _room = new TrackedPeer[PeersWanted];

    /// <summary>Time that must pass before a node asks again only for more peers.</summary>
    public static TimeSpan MorePeersInterval { get; } = TimeSpan.FromMinutes(1);

    /// <summary>Takes an announce there and its answer back.</summary>
    public void Announce(SimulatedSwarm swarm, AnnounceEvent occasion, Action<IReadOnlyList<IPEndPoint>> answered) =>
        network.Call(network.Latency, () =>
        {
            var answer = _registry.Announce(
                new TrackedAnnounce(
                swarm.Content.Metainfo.Id.Primary,
                swarm.Node.PeerId,
                swarm.Node.EndPoint,
                swarm.IsComplete ? 0 : 1,
                occasion,
                swarm.IsComplete ? 0 : PeersWanted),
                _room);
            IPEndPoint[] peers = [.. _room[..answer.PeerCount].Select(peer => peer.EndPoint)];
            network.Call(network.Latency, () =>
            {
                if (swarm.Node.IsUp)
                {
                    answered(peers);
                }
            });
        });
}
