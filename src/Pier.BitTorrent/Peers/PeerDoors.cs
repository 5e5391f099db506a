using Pier.BitTorrent.Encryption;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Transports;

namespace Pier.BitTorrent.Peers;

/// <summary>How an engine's connections come to be: outwards and inwards, in the clear and encrypted.</summary>
internal sealed class PeerDoors
{
    /// <param name="transport">How peers are reached.</param>
    /// <param name="options">Settings.</param>
    /// <param name="time">The clock.</param>
    /// <param name="ours">What we call ourselves.</param>
    public PeerDoors(IPeerTransport transport, BitTorrentOptions options, TimeProvider time, PeerId ours)
    {
        var rules = new EncryptionRules(options.Encryption);
        Transport = transport;
        Dialler = new PeerDialler(transport, rules, options, time, ours);
        Greeter = new PeerGreeter(rules, Keys);
    }

    /// <summary>How peers are reached.</summary>
    public IPeerTransport Transport { get; }

    /// <summary>Connects to peers.</summary>
    public PeerDialler Dialler { get; }

    /// <summary>Hears who connected.</summary>
    public PeerGreeter Greeter { get; }

    /// <summary>The names by which encrypted connections ask for torrents.</summary>
    public KnownKeys Keys { get; } = new();
}
