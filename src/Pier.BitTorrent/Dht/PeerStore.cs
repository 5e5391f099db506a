using System.Net;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Dht;

/// <summary>
/// The peers that others announced to us, for whoever asks (BEP 5): kept for half an hour, bounded per torrent and in all. What
/// was announced longest ago makes room.
/// </summary>
internal sealed class PeerStore(int maxTorrents, int maxPeers, TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    private readonly Dictionary<InfoHash, LinkedListNode<Torrent>> _torrents = [];

    // Announced longest ago first.
    private readonly LinkedList<Torrent> _byAge = new();

    /// <summary>Torrents of which peers are kept.</summary>
    public int TorrentCount => _torrents.Count;

    /// <summary>Peers kept of all torrents.</summary>
    public int PeerCount { get; private set; }

    /// <summary>Keeps a peer.</summary>
    public void Add(InfoHash infoHash, IPEndPoint peer)
    {
        if (_torrents.TryGetValue(infoHash, out var node))
        {
            _byAge.Remove(node);
        }
        else
        {
            if (_torrents.Count >= maxTorrents)
            {
                Remove(_byAge.First!);
            }

            node = new LinkedListNode<Torrent>(new Torrent(infoHash));
            _torrents.Add(infoHash, node);
        }

        _byAge.AddLast(node);
        var torrent = node.Value;
        if (!torrent.Peers.ContainsKey(peer))
        {
            if (torrent.Peers.Count >= maxPeers)
            {
                torrent.Peers.Remove(torrent.Peers.MinBy(entry => entry.Value).Key);
                PeerCount--;
            }

            PeerCount++;
        }

        torrent.Peers[peer] = torrent.LastAt = time.GetTimestamp();
    }

    /// <summary>Peers of a torrent, a random choice when there are more than asked for.</summary>
    public IPEndPoint[] Get(InfoHash infoHash, int max, Random random)
    {
        if (!_torrents.TryGetValue(infoHash, out var node))
        {
            return [];
        }

        Expire(node);
        IPEndPoint[] peers = [.. node.Value.Peers.Keys];
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
        while (_byAge.First is { } oldest && time.GetElapsedTime(oldest.Value.LastAt) >= Lifetime)
        {
            Remove(oldest);
        }
    }

    private void Expire(LinkedListNode<Torrent> node)
    {
        foreach (var (peer, at) in node.Value.Peers)
        {
            if (time.GetElapsedTime(at) >= Lifetime)
            {
                node.Value.Peers.Remove(peer);
                PeerCount--;
            }
        }

        if (node.Value.Peers.Count == 0)
        {
            Remove(node);
        }
    }

    private void Remove(LinkedListNode<Torrent> node)
    {
        _byAge.Remove(node);
        _torrents.Remove(node.Value.InfoHash);
        PeerCount -= node.Value.Peers.Count;
    }

    private sealed class Torrent(InfoHash infoHash)
    {
        public InfoHash InfoHash => infoHash;

        public Dictionary<IPEndPoint, long> Peers { get; } = [];

        public long LastAt { get; set; }
    }
}
