using System.Buffers;
using Pier.BitTorrent.Bencoding;
using Pier.BitTorrent.Hashing;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Blobs;

/// <summary>
/// The one torrent that a blob has: hybrid (BEP 52), a single file named by the digest, a piece length that follows from the
/// size, and nothing in <c>info</c> that could differ. Frozen: every node must compute the same info-hashes from the same bytes.
/// </summary>
public static class BlobTorrent
{
    private const long MiB = 1L << 20;
    private const long GiB = 1L << 30;
    private const int DigestLength = 64;

    // What we computed ourselves may be as large as the blob makes it.
    private static readonly MetainfoLimits OwnLimits =
        MetainfoLimits.Default with { MaxInfoBytes = int.MaxValue, MaxPieces = int.MaxValue };

    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");

    /// <summary>Bytes of a piece for a blob of this size: 256 KiB to 64 MiB, 1 MiB to 1 GiB, 4 MiB to 16 GiB, then 16 MiB.</summary>
    /// <param name="size">Bytes of the blob, at least one: the empty blob has no torrent.</param>
    public static int PieceLengthFor(long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        return size switch
        {
            <= 64 * MiB => 256 << 10,
            <= GiB => 1 << 20,
            <= 16 * GiB => 4 << 20,
            _ => 16 << 20,
        };
    }

    /// <summary>Says why a torrent is not the blob torrent of this digest and size; null when it has exactly that form.</summary>
    /// <remarks>The hashes inside are claims until the blob is sealed; this compares everything else, to the byte.</remarks>
    public static string? Problem(Metainfo metainfo, string sha256Hex, long size)
    {
        ArgumentNullException.ThrowIfNull(metainfo);
        CheckDigest(sha256Hex);
        if (metainfo is not { HasV1: true, HasV2: true, IsSingleFile: true, Files: [{ PiecesRoot: { } root }] })
        {
            return "a blob torrent is hybrid and has one file";
        }

        if (metainfo.Name != sha256Hex)
        {
            return $"the torrent is named '{metainfo.Name}', the blob {sha256Hex}";
        }

        if (metainfo.TotalLength != size)
        {
            return $"the torrent has {metainfo.TotalLength} bytes, the blob {size}";
        }

        return metainfo.Info.Span.SequenceEqual(WriteInfo(sha256Hex, size, root, metainfo.V1PieceHashes.Span).Span)
            ? null
            : "the info dictionary is not written as a blob torrent's";
    }

    /// <summary>Builds the blob torrent from its hashes.</summary>
    internal static Metainfo Create(string sha256Hex, long size, ReadOnlyMemory<byte> v1Hashes, FileTreeHash tree)
    {
        CheckDigest(sha256Hex);
        var info = WriteInfo(sha256Hex, size, tree.Root!.Value, v1Hashes.Span);
        var metainfo = Metainfo.ParseInfo(info, MetainfoEnvelope.Empty, OwnLimits);
        return tree.Layer.IsEmpty ? metainfo : metainfo.WithPieceLayer(0, tree.Layer);
    }

    internal static void CheckDigest(string sha256Hex)
    {
        ArgumentNullException.ThrowIfNull(sha256Hex);
        if (sha256Hex.Length != DigestLength || sha256Hex.AsSpan().ContainsAnyExcept(LowerHex))
        {
            throw new ArgumentException("a blob is named by the 64 lower-case hexadecimal digits of its SHA-256", nameof(sha256Hex));
        }
    }

    private static ReadOnlyMemory<byte> WriteInfo(string name, long size, MerkleRoot root, ReadOnlySpan<byte> v1Hashes)
    {
        var buffer = new ArrayBufferWriter<byte>(v1Hashes.Length + 512);
        var writer = new BencodeWriter(buffer);
        Span<byte> rootBytes = stackalloc byte[MerkleRoot.Size];
        root.CopyTo(rootBytes);

        writer.WriteDictionaryStart();
        writer.WriteKey("file tree"u8);
        writer.WriteDictionaryStart();
        writer.WriteText(name);
        writer.WriteDictionaryStart();
        writer.WriteKey([]);
        writer.WriteDictionaryStart();
        writer.WriteInteger("length"u8, size);
        writer.WriteBytes("pieces root"u8, rootBytes);
        writer.WriteEnd();
        writer.WriteEnd();
        writer.WriteEnd();
        writer.WriteInteger("length"u8, size);
        writer.WriteInteger("meta version"u8, 2);
        writer.WriteText("name"u8, name);
        writer.WriteInteger("piece length"u8, PieceLengthFor(size));
        writer.WriteBytes("pieces"u8, v1Hashes);
        writer.WriteEnd();
        return buffer.WrittenMemory;
    }
}
