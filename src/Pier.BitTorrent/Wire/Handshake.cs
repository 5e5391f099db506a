using System.Buffers.Binary;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Wire;

/// <summary>The 68 bytes that open a connection (BEP 3).</summary>
/// <param name="Reserved">What the sender can do.</param>
/// <param name="InfoHash">The torrent: v1 hash, truncated v2 hash, or rendezvous id.</param>
/// <param name="PeerId">Who sends it.</param>
internal readonly record struct Handshake(ReservedBits Reserved, InfoHash InfoHash, PeerId PeerId)
{
    /// <summary>Length in bytes.</summary>
    public const int Size = 68;

    private const int ReservedAt = 20;
    private const int HashAt = 28;
    private const int PeerIdAt = 48;

    /// <summary>Whether the sender knows v2 of a torrent: who met us by the v2 hash need not say that it could be upgraded to it (BEP 52).</summary>
    public bool SpeaksV2(TorrentId id) => Reserved.HasFlag(ReservedBits.V2) || InfoHash == id.V2?.Truncated;

    private static ReadOnlySpan<byte> Protocol => "\u0013BitTorrent protocol"u8;

    /// <summary>Reads a handshake.</summary>
    /// <exception cref="WireException">Another protocol or length.</exception>
    public static Handshake Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size || !bytes.StartsWith(Protocol))
        {
            throw new WireException("the connection does not start with a BitTorrent handshake");
        }

        return new Handshake(
            (ReservedBits)BinaryPrimitives.ReadUInt64BigEndian(bytes[ReservedAt..]),
            new InfoHash(bytes.Slice(HashAt, InfoHash.Size)),
            new PeerId(bytes.Slice(PeerIdAt, PeerId.Size)));
    }

    /// <summary>Whether the bytes received so far can still become a handshake; lets garbage be dropped at its first byte.</summary>
    public static bool CanStartWith(ReadOnlySpan<byte> bytes) =>
        Protocol.StartsWith(bytes[..Math.Min(bytes.Length, Protocol.Length)]);

    /// <summary>Writes <see cref="Size"/> bytes.</summary>
    public void CopyTo(Span<byte> destination)
    {
        Protocol.CopyTo(destination);
        BinaryPrimitives.WriteUInt64BigEndian(destination[ReservedAt..], (ulong)Reserved);
        InfoHash.CopyTo(destination[HashAt..]);
        PeerId.CopyTo(destination[PeerIdAt..]);
    }
}
