using System.Security.Cryptography;
using System.Text;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Blobs;

/// <summary>
/// The name under which nodes that know only a digest find each other on trackers, DHT and local discovery. Frozen: another
/// rule would make nodes of different versions invisible to each other.
/// </summary>
public static class RendezvousId
{
    /// <summary>First 20 bytes of HMAC-SHA256(swarm key, <c>pier/rendezvous/1:sha256:&lt;hex&gt;</c>).</summary>
    /// <param name="swarmKey">Empty for public content, the cluster's secret for the rest.</param>
    /// <param name="sha256Hex">The blob's digest, 64 lower-case hexadecimal digits.</param>
    /// <exception cref="ArgumentException">The digest has another form.</exception>
    public static InfoHash Compute(ReadOnlySpan<byte> swarmKey, string sha256Hex)
    {
        BlobTorrent.CheckDigest(sha256Hex);
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(swarmKey, Encoding.ASCII.GetBytes($"pier/rendezvous/1:sha256:{sha256Hex}"), mac);
        return new InfoHash(mac[..InfoHash.Size]);
    }
}
