using System.Collections.Concurrent;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Encryption;

/// <summary>
/// Every name under which torrents are met here, by its HASH('req2', SKEY), so that an encrypted connection finds its torrent
/// in one look-up however many there are. Thread-safe.
/// </summary>
internal sealed class KnownKeys
{
    private readonly ConcurrentDictionary<InfoHash, InfoHash> _byAsk = new();

    /// <summary>A torrent is met under this name.</summary>
    public void Add(InfoHash skey) => _byAsk[MseKeys.Ask(skey)] = skey;

    /// <summary>No torrent is met under this name any more.</summary>
    public void Remove(InfoHash skey) => _byAsk.TryRemove(MseKeys.Ask(skey), out _);

    /// <summary>The name that was asked for; null when nobody here knows it.</summary>
    public InfoHash? Find(InfoHash ask) => _byAsk.TryGetValue(ask, out var skey) ? skey : null;
}
