using System.Buffers;
using System.Security.Cryptography;
using Pier.BitTorrent.Bencoding;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Creation;

/// <summary>
/// A torrent without what its content says of itself: the info dictionary with an empty <c>pieces</c> (BEP 3). A few hundred bytes
/// instead of a hash for each piece; whoever has the content makes the torrent of it again.
/// </summary>
public sealed class TorrentOutline
{
    private readonly ReadOnlyMemory<byte> _outline;

    private TorrentOutline(ReadOnlyMemory<byte> outline, Metainfo frame)
    {
        _outline = outline;
        Frame = frame;
    }

    /// <summary>Files, pieces and name of the torrent; its info-hashes and v1 piece hashes are not the real ones.</summary>
    public Metainfo Frame { get; }

    /// <summary>The outline of a torrent.</summary>
    public static byte[] Of(Metainfo metainfo)
    {
        ArgumentNullException.ThrowIfNull(metainfo);
        return metainfo.HasV1 ? WithPieces(metainfo.Info.Span, []) : metainfo.Info.ToArray();
    }

    /// <summary>Reads an outline.</summary>
    /// <param name="outline">The info dictionary with an empty <c>pieces</c>.</param>
    /// <param name="limits">What is read at most; <see cref="MetainfoLimits.MaxInfoBytes"/> is of the outline, without the hashes that it gets.</param>
    /// <exception cref="MetainfoException">It is none, or what it describes is refused.</exception>
    public static TorrentOutline Read(ReadOnlyMemory<byte> outline, MetainfoLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        if (outline.Length > limits.MaxInfoBytes)
        {
            throw new MetainfoException("info", $"{outline.Length} bytes, more than {limits.MaxInfoBytes}");
        }

        try
        {
            // Hashes of the right number stand in for the real ones: the reader checks a torrent whole.
            var pieces = CountPieces(outline, limits);
            var info = pieces is { } count ? WithPieces(outline.Span, new byte[count * SHA1.HashSizeInBytes]) : outline.ToArray();
            var frame = Metainfo.ParseInfo(info, MetainfoEnvelope.Empty, limits with { MaxInfoBytes = int.MaxValue });
            return frame.Files.All(file => !file.IsPadding || file.Length < frame.PieceLength)
                ? new TorrentOutline(outline, frame)
                : throw new MetainfoException("info.files", "padding of a piece or more");
        }
        catch (BencodeException malformed)
        {
            throw new MetainfoException("info", malformed.Message, malformed);
        }
    }

    /// <summary>Begins to make the torrent of its content.</summary>
    public OutlineHasher Fill() => new(this);

    /// <summary>The torrent with these hashes.</summary>
    /// <param name="pieces">SHA-1 of each piece; ignored for a v2-only torrent.</param>
    /// <param name="layers">Piece layers by root.</param>
    internal Metainfo Complete(ReadOnlySpan<byte> pieces, IReadOnlyDictionary<MerkleRoot, ReadOnlyMemory<byte>> layers)
    {
        var info = Frame.HasV1 ? WithPieces(_outline.Span, pieces) : _outline;
        var limits = MetainfoLimits.Default with { MaxInfoBytes = int.MaxValue };
        return Metainfo.ParseInfo(info, MetainfoEnvelope.Empty, limits).WithProvedLayers(layers);
    }

    /// <summary>Writes the dictionary again with another value for <c>pieces</c>; every other byte stays.</summary>
    private static byte[] WithPieces(ReadOnlySpan<byte> info, ReadOnlySpan<byte> pieces)
    {
        var buffer = new ArrayBufferWriter<byte>(info.Length + pieces.Length + 16);
        var writer = new BencodeWriter(buffer);
        writer.WriteDictionaryStart();
        var reader = new BencodeReader(info, BencodeKeyOrder.Tolerant);
        reader.EnterDictionary();
        while (reader.TryReadKey(out var key))
        {
            writer.WriteKey(key);
            var value = reader.ReadRaw();
            if (key.SequenceEqual("pieces"u8))
            {
                writer.WriteBytes(pieces);
            }
            else
            {
                writer.WriteRaw(value);
            }
        }

        reader.ReadEnd();
        writer.WriteEnd();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>How many v1 pieces its files make; null for a v2-only torrent, which lists none.</summary>
    private static int? CountPieces(ReadOnlyMemory<byte> outline, MetainfoLimits limits)
    {
        var (hasPieces, pieceLength, total) = (false, 0L, 0L);
        var reader = new BencodeReader(outline.Span, BencodeKeyOrder.Tolerant);
        reader.EnterDictionary();
        while (reader.TryReadKey(out var key))
        {
            switch (key)
            {
                case var _ when key.SequenceEqual("pieces"u8):
                    hasPieces = reader.ReadBytes().IsEmpty ? true : throw new MetainfoException("info.pieces", "an outline has none");
                    break;
                case var _ when key.SequenceEqual("piece length"u8):
                    pieceLength = reader.ReadInteger();
                    break;
                case var _ when key.SequenceEqual("length"u8):
                    total = Sum(total, reader.ReadInteger(), limits);
                    break;
                case var _ when key.SequenceEqual("files"u8):
                    total = Sum(total, ListedLength(ref reader, limits), limits);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        if (!hasPieces)
        {
            return null;
        }

        if (pieceLength < 1 || pieceLength > limits.MaxPieceLength || (total + pieceLength - 1) / pieceLength > limits.MaxPieces)
        {
            throw new MetainfoException("info", $"{total} bytes in pieces of {pieceLength}");
        }

        return (int)((total + pieceLength - 1) / pieceLength);
    }

    private static long ListedLength(ref BencodeReader reader, MetainfoLimits limits)
    {
        var total = 0L;
        reader.EnterList();
        while (reader.NextItem())
        {
            reader.EnterDictionary();
            while (reader.TryReadKey(out var key))
            {
                if (key.SequenceEqual("length"u8))
                {
                    total = Sum(total, reader.ReadInteger(), limits);
                }
                else
                {
                    reader.Skip();
                }
            }
        }

        return total;
    }

    private static long Sum(long total, long more, MetainfoLimits limits) => more >= 0 && more <= limits.MaxLength && total + more <= limits.MaxLength
        ? total + more
        : throw new MetainfoException("info", $"a length of {more} bytes");
}
