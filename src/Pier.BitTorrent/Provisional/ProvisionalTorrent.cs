using System.Buffers;
using Pier.BitTorrent.Bencoding;
using Pier.BitTorrent.Blobs;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Provisional;

/// <summary>
/// The frame of a blob's torrent before its hashes are known: the same ladder of pieces, the hashes all zero. Never told to
/// anybody; vouches take the place of its hashes.
/// </summary>
internal static class ProvisionalTorrent
{
    private const int HashSize = 20;

    /// <summary>Makes the frame.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The size is one that is not passed on in pieces.</exception>
    public static Metainfo Create(string sha256Hex, long size)
    {
        BlobTorrent.CheckDigest(sha256Hex);
        ArgumentOutOfRangeException.ThrowIfNotEqual(ProvisionalSpec.Fits(size), true, nameof(size));
        var pieceLength = BlobTorrent.PieceLengthFor(size);
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new BencodeWriter(buffer);
        writer.WriteDictionaryStart();
        writer.WriteInteger("length"u8, size);
        writer.WriteText("name"u8, sha256Hex);
        writer.WriteInteger("piece length"u8, pieceLength);
        writer.WriteBytes("pieces"u8, new byte[(size + pieceLength - 1) / pieceLength * HashSize]);
        writer.WriteEnd();
        return Metainfo.ParseInfo(buffer.WrittenMemory, MetainfoEnvelope.Empty, MetainfoLimits.Default);
    }
}
