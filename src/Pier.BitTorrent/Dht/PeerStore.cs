using System.Net;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Dht;

/// <summary>
/// The peers that others announced to us, for whoever asks (BEP 5): kept for half an hour, bounded per torrent and in all. When
/// it is full, whoever has more than his share in it makes room, else what was announced longest ago.
/// </summary>
internal sealed class PeerStore(int maxPeers, int maxAnnounces, TimeProvider time)
{
    // Several peers may share one address behind a router; more than that are somebody's inventions.
    private const int MaxOfOneNetwork = 8;
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    private readonly Dictionary<InfoHash, Dictionary<IPEndPoint, Announce>> _torrents = [];

    // Announced longest ago first, here and in each network.
    private readonly LinkedList<Announce> _byAge = new();
    private readonly Dictionary<IPAddress, LinkedList<Announce>> _byNetwork = [];

    /// <summary>Torrents of which peers are kept.</summary>
    public int TorrentCount => _torrents.Count;

    /// <summary>Peers kept of all torrents.</summary>
    public int PeerCount => _byAge.Count;

    /// <summary>Keeps a peer.</summary>
    public void Add(InfoHash infoHash, IPEndPoint peer)
    {
        var network = AddressScopes.NetworkOf(peer.Address);
        if (_torrents.GetValueOrDefault(infoHash)?.GetValueOrDefault(peer) is { } known)
        {
            Remove(known);
        }
        else
        {
            MakeRoom(infoHash, network);
        }

        if (!_torrents.TryGetValue(infoHash, out var peers))
        {
            _torrents.Add(infoHash, peers = []);
        }

        if (!_byNetwork.TryGetValue(network, out var ofNetwork))
        {
            _byNetwork.Add(network, ofNetwork = new LinkedList<Announce>());
        }

        var announce = new Announce(infoHash, peer, network, time.GetTimestamp());
        peers.Add(peer, announce);
        _byAge.AddLast(announce.ByAge);
        ofNetwork.AddLast(announce.ByNetwork);
    }

    /// <summary>Peers of a torrent, a random choice when there are more than asked for.</summary>
    public IPEndPoint[] Get(InfoHash infoHash, int max, Random random)
    {
        Expire();
        if (!_torrents.TryGetValue(infoHash, out var kept))
        {
            return [];
        }

        IPEndPoint[] peers = [.. kept.Keys];
        if (peers.Length <= max)
        {
            return peers;
        }

        random.Shuffle(peers);
        return peers[..max];
    }

    /// <summary>Forgets what is too old. Call it now and then.</summary>
    public void Expire()
    {
        while (_byAge.First is { } oldest && time.GetElapsedTime(oldest.Value.At) >= Lifetime)
        {
            Remove(oldest.Value);
        }
    }

    private void MakeRoom(InfoHash infoHash, IPAddress network)
    {
        if (_torrents.TryGetValue(infoHash, out var peers))
        {
            Announce[] same = [.. peers.Values.Where(other => other.Network.Equals(network))];
            if (same.Length >= MaxOfOneNetwork && AddressScopes.Of(network) != AddressScope.Machine)
            {
                Remove(same.MinBy(other => other.At)!);
            }
            else if (peers.Count >= maxPeers)
            {
                Remove(peers.Values.MinBy(other => other.At)!);
            }
        }

        if (_byAge.Count >= maxAnnounces)
        {
            var ours = _byNetwork.GetValueOrDefault(network);
            Remove(ours is not null && ours.Count > maxAnnounces / _byNetwork.Count ? ours.First!.Value : _byAge.First!.Value);
        }
    }

    private void Remove(Announce announce)
    {
        _byAge.Remove(announce.ByAge);
        var ofNetwork = _byNetwork[announce.Network];
        ofNetwork.Remove(announce.ByNetwork);
        if (ofNetwork.Count == 0)
        {
            _byNetwork.Remove(announce.Network);
        }

        var peers = _torrents[announce.InfoHash];
        peers.Remove(announce.Peer);
        if (peers.Count == 0)
        {
            _torrents.Remove(announce.InfoHash);
        }
    }

    private sealed class Announce
    {
        public Announce(InfoHash infoHash, IPEndPoint peer, IPAddress network, long at)
        {
            (InfoHash, Peer, Network, At) = (infoHash, peer, network, at);
            ByAge = new LinkedListNode<Announce>(this);
            ByNetwork = new LinkedListNode<Announce>(this);
        }

        public InfoHash InfoHash { get; }

        public IPEndPoint Peer { get; }

        public IPAddress Network { get; }

        public long At { get; }

        public LinkedListNode<Announce> ByAge { get; }

        public LinkedListNode<Announce> ByNetwork { get; }
    }
}
