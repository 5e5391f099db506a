using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Peers;

/// <summary>Shakes hands (BEP 3): the side that connected speaks first.</summary>
internal static class PeerHandshaker
{
    private const ReservedBits Ours = ReservedBits.Fast | ReservedBits.Extensions;

    /// <summary>Reads the other side's handshake. Garbage is noticed at its first byte.</summary>
    /// <exception cref="WireException">Not a handshake, or the connection ended first.</exception>
    public static async Task<Handshake> ReceiveAsync(Stream stream, CancellationToken cancellationToken)
    {
        var bytes = new byte[Handshake.Size];
        for (var filled = 0; filled < bytes.Length;)
        {
            var read = await stream.ReadAsync(bytes.AsMemory(filled), cancellationToken);
            if (read == 0)
            {
                throw new WireException($"the connection ended after {filled} bytes of the handshake");
            }

            filled += read;
            if (!Handshake.CanStartWith(bytes.AsSpan(0, filled)))
            {
                throw new WireException("the connection does not start with a BitTorrent handshake");
            }
        }

        return Handshake.Parse(bytes);
    }

    /// <summary>Sends our handshake.</summary>
    /// <param name="stream">The connection.</param>
    /// <param name="infoHash">The name under which the torrent is met.</param>
    /// <param name="hasV2">Whether it has a v2 half; libtorrent hangs up on who claims v2 for a torrent that has none.</param>
    /// <param name="hasDht">Whether we have a node in the DHT (BEP 5).</param>
    /// <param name="peerId">Our id.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task SendAsync(
        Stream stream, InfoHash infoHash, bool hasV2, bool hasDht, PeerId peerId, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(Encode(infoHash, hasV2, hasDht, peerId), cancellationToken);
    }

    /// <summary>The bytes of our handshake.</summary>
    public static byte[] Encode(InfoHash infoHash, bool hasV2, bool hasDht, PeerId peerId)
    {
        var bytes = new byte[Handshake.Size];
        var can = Ours | (hasV2 ? ReservedBits.V2 : ReservedBits.None) | (hasDht ? ReservedBits.Dht : ReservedBits.None);
        new Handshake(can, infoHash, peerId).CopyTo(bytes);
        return bytes;
    }
}
