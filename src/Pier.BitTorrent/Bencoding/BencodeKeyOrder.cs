namespace Pier.BitTorrent.Bencoding;

/// <summary>How a reader treats dictionary keys that are not in ascending order of their raw bytes.</summary>
public enum BencodeKeyOrder
{
    /// <summary>BEP 3: keys ascend and are unique; anything else is an error.</summary>
    Strict,

    /// <summary>
    /// Disorder is tolerated and reported by <see cref="BencodeReader.KeysInOrder"/>; a key that directly repeats is still
    /// an error. For trackers, peers and old torrents, where well-known programs are careless.
    /// </summary>
    Tolerant,
}
