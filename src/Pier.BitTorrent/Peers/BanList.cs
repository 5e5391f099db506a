using System.Collections.Concurrent;
using System.Net;

namespace Pier.BitTorrent.Peers;

/// <summary>
/// Peers that sent bad data. Others are told by their address; those on this very machine share one address, so they are told
/// by what they call themselves; so are web seeds, whose names are ours to give.
/// </summary>
internal sealed class BanList
{
    private const int MaxEntries = 10_000;

    private readonly ConcurrentDictionary<object, byte> _banned = new();

    /// <summary>Bans a peer; false when it was banned.</summary>
    public bool Add(PeerOrigin origin) =>
        _banned.Count < MaxEntries && _banned.TryAdd(KeyOf(origin), 0);

    /// <summary>Whether a peer is banned.</summary>
    public bool Contains(PeerOrigin origin) => _banned.ContainsKey(KeyOf(origin));

    /// <summary>Whether a peer is banned.</summary>
    public bool Contains(IPAddress address, PeerId id) => _banned.ContainsKey(KeyOf(address, id));

    /// <summary>Whether an address is banned, whoever is there.</summary>
    public bool Contains(IPAddress address) => _banned.ContainsKey(address);

    /// <summary>What a peer is remembered by.</summary>
    public static object KeyOf(IPAddress address, PeerId id) => IPAddress.IsLoopback(address) ? id : address;

    private static object KeyOf(PeerOrigin origin) => origin.IsWebSeed ? (origin.Id, true) : KeyOf(origin.EndPoint.Address, origin.Id);
}
