using System.Buffers.Binary;
using System.Net;
using Pier.BitTorrent.Discovery;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Swarms.Meeting;

/// <summary>
/// Finds a swarm's peers without trackers, in the ways its spec allows; ends the moment the torrent turns out to be private
/// (BEP 27). Part of a swarm's loop.
/// </summary>
internal sealed class SwarmDiscovery(SwarmPort port, SwarmSpec spec, EngineServices services, PeerTable peers)
{
    private IPeerSearch? _search;

    /// <summary>What peers tell of each other.</summary>
    public PeerExchange Exchange { get; } = new(port, spec, peers, services.Time);

    private bool UsesDht => services.Finders.Dht is not null && spec.Discovery.HasFlag(PeerDiscovery.Dht) && !port.IsPrivate;

    /// <summary>Begins to look.</summary>
    public void Start()
    {
        if (!port.IsPrivate && spec.Discovery != PeerDiscovery.None)
        {
            _search = services.Finders.Follow(
                spec.Discovery, spec.AnnouncedAs ?? [.. spec.WireHashes], (peers, source) => port.TryPost(new SwarmEvent.PeersFound(peers, source)));
        }
    }

    /// <summary>The torrent has become known.</summary>
    public void Learned()
    {
        if (port.IsPrivate)
        {
            Stop();
        }
    }

    /// <summary>Once a second.</summary>
    public void Tick() => Exchange.Tick();

    /// <summary>There is nobody to ask.</summary>
    public void WantPeers() => _search?.WantPeers();

    /// <summary>A peer connected: one that is in the DHT hears where our node is (BEP 5).</summary>
    public void Join(PeerSession session)
    {
        if (UsesDht && session.Link.Remote.Reserved.HasFlag(ReservedBits.Dht))
        {
            var payload = new byte[sizeof(ushort)];
            BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)services.ListenPort);
            session.Link.Outbox.PostRaw(MessageId.Port, payload);
        }
    }

    /// <summary>A peer told where its DHT node is (BEP 5).</summary>
    public void NodeAt(PeerSession session, int nodePort)
    {
        if (UsesDht && nodePort != 0)
        {
            services.Finders.Dht!.Meet(new IPEndPoint(session.Link.EndPoint.Address, nodePort));
        }
    }

    /// <summary>Looks no more.</summary>
    public void Stop()
    {
        _search?.Dispose();
        _search = null;
    }
}
