using System.Net;
using Pier.BitTorrent.Dht;
using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Encryption;

namespace Pier.BitTorrent.Engine;

/// <summary>Settings of a <see cref="BitTorrentEngine"/>.</summary>
public sealed record BitTorrentOptions
{
    /// <summary>Where peers connect; port 0 takes a free one. Loopback unless said otherwise.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 5056);

    /// <summary>Whether connections to peers are encrypted.</summary>
    public EncryptionPolicy Encryption { get; init; }

    /// <summary>The engine's node in the DHT; null for none.</summary>
    public DhtOptions? Dht { get; init; }

    /// <summary>Whether torrents that allow it are announced in the local network, on the interfaces of <see cref="Listen"/>.</summary>
    public bool Lsd { get; init; }

    /// <summary>What may pass at first; <see cref="BitTorrentEngine.Limits"/> changes it.</summary>
    public EngineLimits Limits { get; init; } = EngineLimits.None;

    /// <summary>Whether an address is a member's of our cluster; null when there is no cluster.</summary>
    public Func<IPAddress, bool>? IsMember { get; init; }

    /// <summary>When torrents that have no goal of their own stop to seed.</summary>
    public SeedingGoal SeedingGoal { get; init; } = SeedingGoal.None;

    /// <summary>Connections over all torrents, where <see cref="Limits"/> says nothing else.</summary>
    public int MaxConnections { get; init; } = 500;

    /// <summary>Connections of one torrent, where <see cref="Limits"/> says nothing else.</summary>
    public int MaxConnectionsPerSwarm { get; init; } = 80;

    /// <summary>Connections from one address to one torrent.</summary>
    public int MaxConnectionsPerAddress { get; init; } = 8;

    /// <summary>Connections being made at once, over all torrents.</summary>
    public int MaxDials { get; init; } = 32;

    /// <summary>Peers of one torrent served at once besides the optimistic one (BEP 3); at least 4.</summary>
    public int UploadSlots { get; init; } = 8;

    /// <summary>Requests kept outstanding with one peer.</summary>
    public int MaxPipeline { get; init; } = 512;

    /// <summary>Requests that one peer may queue here, told as <c>reqq</c> (BEP 10).</summary>
    public int MaxQueuedRequests { get; init; } = 2000;

    /// <summary>Bytes of unfinished pieces kept in memory over all torrents.</summary>
    public long PieceMemory { get; init; } = 256L << 20;

    /// <summary>Addresses remembered per torrent.</summary>
    public int MaxKnownPeers { get; init; } = 2000;

    /// <summary>Resting torrents that are awake at once; peers of further ones are sent away.</summary>
    public int MaxAwake { get; init; } = 512;

    /// <summary>How long nobody is connected before a woken torrent rests again.</summary>
    public TimeSpan RestAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long the other side may take to connect and to shake hands.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a connection may be silent: a keep-alive is due each two minutes (BEP 3).</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(150);

    /// <summary>How long trackers are given to hear that we stop.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(3);
}
