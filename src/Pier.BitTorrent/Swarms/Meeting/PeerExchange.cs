using System.Buffers;
using System.Net;
using Pier.BitTorrent.Discovery;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Swarms.Meeting;

/// <summary>
/// Tells peers of each other (BEP 11): each at most once a minute what changed, at most 50 peers, never in private torrents, and
/// nobody of machines that only we can reach. Part of a swarm's loop.
/// </summary>
internal sealed class PeerExchange(SwarmPort port, SwarmSpec spec, PeerTable peers, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    // Clocks and queues differ: so much earlier than a minute a message may come without being one too many.
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(30);
    private const int MaxEarly = 10;

    private readonly Dictionary<PeerSession, Told> _told = [];

    private bool IsAllowed => spec.Discovery.HasFlag(PeerDiscovery.Pex) && !port.IsPrivate;

    /// <summary>A peer told of others.</summary>
    /// <exception cref="WireException">It does so far too often.</exception>
    public void Receive(PeerSession session, PexMessage message)
    {
        if (!IsAllowed)
        {
            return;
        }

        var told = Of(session);
        var now = time.GetTimestamp();
        if (told.HeardAt is { } before && time.GetElapsedTime(before, now) < Shortest)
        {
            if (++told.Early > MaxEarly)
            {
                throw new WireException("it tells of peers more often than once a minute");
            }

            return;
        }

        told.HeardAt = now;
        told.Early = 0;
        var teller = session.Link.EndPoint.Address;
        peers.Add(message.Added.Select(peer => peer.EndPoint).Where(peer => AddressScopes.MayTell(teller, peer.Address)), PeerSource.Exchange);
    }

    /// <summary>A peer has gone.</summary>
    public void Left(PeerSession session) => _told.Remove(session);

    /// <summary>Once a second: tells whoever has not been told for a minute.</summary>
    public void Tick()
    {
        if (!IsAllowed)
        {
            return;
        }

        foreach (var session in peers.Sessions)
        {
            if (session.Link.Ids.Pex is not 0 and var id
                && (Of(session).ToldAt is not { } before || time.GetElapsedTime(before) >= Interval))
            {
                Tell(session, id);
            }
        }
    }

    private void Tell(PeerSession session, byte id)
    {
        var told = Of(session);
        Dictionary<IPEndPoint, PexFlags> now = [];
        foreach (var other in peers.Sessions)
        {
            if (other != session && !other.Link.Origin.IsWebSeed && Reachable(other) is { } endPoint && AddressScopes.MayTell(session.Link.EndPoint.Address, endPoint.Address))
            {
                now[endPoint] = FlagsOf(other);
            }
        }

        PexPeer[] added = [.. now.Where(peer => !told.Peers.Contains(peer.Key)).Take(PexMessage.MaxPeers).Select(peer => new PexPeer(peer.Key, peer.Value))];
        IPEndPoint[] dropped = [.. told.Peers.Where(peer => !now.ContainsKey(peer)).Take(PexMessage.MaxPeers)];
        if (added.Length == 0 && dropped.Length == 0)
        {
            return;
        }

        told.ToldAt = time.GetTimestamp();
        told.Peers.UnionWith(added.Select(peer => peer.EndPoint));
        told.Peers.ExceptWith(dropped);
        var body = new ArrayBufferWriter<byte>();
        new PexMessage(added, dropped).WriteTo(body);
        session.Link.Outbox.PostExtended(id, body.WrittenMemory);
    }

    private static IPEndPoint? Reachable(PeerSession session) =>
        session.Link.IsOutgoing ? session.Link.EndPoint
        : session.Extension is { ListenPort: > 0 and var listens } ? new IPEndPoint(session.Link.EndPoint.Address, listens)
        : null;

    private static PexFlags FlagsOf(PeerSession session) =>
        (session.Pieces?.IsFull == true || session.Extension?.UploadOnly == true ? PexFlags.IsSeed : PexFlags.None)
        | (session.Link.IsOutgoing ? PexFlags.IsReachable : PexFlags.None);

    private Told Of(PeerSession session)
    {
        if (!_told.TryGetValue(session, out var told))
        {
            _told.Add(session, told = new Told());
        }

        return told;
    }

    private sealed class Told
    {
        public HashSet<IPEndPoint> Peers { get; } = [];

        public long? ToldAt { get; set; }

        public long? HeardAt { get; set; }

        public int Early { get; set; }
    }
}
