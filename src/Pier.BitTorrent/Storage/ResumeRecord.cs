using System.Buffers.Binary;
using System.Security.Cryptography;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Storage;

/// <summary>
/// What an earlier run knew to be on disk: the pieces, and when each file was changed last. Version 1 is the mark below, the
/// info-hash, the counts of pieces and files, the pieces' bits in the order of BEP 3, the files' times as ticks, and the
/// SHA-256 of all that; numbers are big-endian.
/// </summary>
/// <param name="InfoHash">The torrent.</param>
/// <param name="PieceCount">Pieces of the torrent.</param>
/// <param name="Pieces">A bit a piece, the high bit of the first byte first.</param>
/// <param name="Modified">Ticks for each file, 0 for one that is not there; the last is the side file's.</param>
internal sealed record ResumeRecord(InfoHash InfoHash, int PieceCount, byte[] Pieces, long[] Modified)
{
    private static ReadOnlySpan<byte> Mark => "PIERRES1"u8;

    private static int HeaderLength => Mark.Length + Torrents.InfoHash.Size + sizeof(int) + sizeof(int);

    /// <summary>Bytes of a record.</summary>
    public static long LengthFor(int pieces, int files) =>
        HeaderLength + (pieces + 7) / 8 + sizeof(long) * (long)files + SHA256.HashSizeInBytes;

    /// <summary>Whether a piece was on disk.</summary>
    public bool Has(int piece) => (Pieces[piece / 8] >> (7 - piece % 8) & 1) != 0;

    /// <summary>Writes the record.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[LengthFor(PieceCount, Modified.Length)];
        var rest = bytes.AsSpan();
        Mark.CopyTo(rest);
        InfoHash.CopyTo(rest[Mark.Length..]);
        rest = rest[(Mark.Length + Torrents.InfoHash.Size)..];
        BinaryPrimitives.WriteInt32BigEndian(rest, PieceCount);
        BinaryPrimitives.WriteInt32BigEndian(rest[sizeof(int)..], Modified.Length);
        rest = rest[(2 * sizeof(int))..];
        Pieces.CopyTo(rest);
        rest = rest[Pieces.Length..];
        foreach (var modified in Modified)
        {
            BinaryPrimitives.WriteInt64BigEndian(rest, modified);
            rest = rest[sizeof(long)..];
        }

        SHA256.HashData(bytes.AsSpan(..^SHA256.HashSizeInBytes), rest);
        return bytes;
    }

    /// <summary>Reads a record; null when it is torn, of another version, or of another torrent.</summary>
    /// <param name="bytes">The whole record.</param>
    /// <param name="infoHash">The torrent.</param>
    /// <param name="pieces">Its pieces.</param>
    /// <param name="files">Its files, and one for the side file.</param>
    public static ResumeRecord? Parse(ReadOnlySpan<byte> bytes, InfoHash infoHash, int pieces, int files)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        if (bytes.Length != LengthFor(pieces, files)
            || !bytes.StartsWith(Mark)
            || new InfoHash(bytes.Slice(Mark.Length, Torrents.InfoHash.Size)) != infoHash
            || SHA256.HashData(bytes[..^hash.Length], hash) != hash.Length
            || !bytes.EndsWith(hash))
        {
            return null;
        }

        var counts = bytes[(Mark.Length + Torrents.InfoHash.Size)..];
        if (BinaryPrimitives.ReadInt32BigEndian(counts) != pieces || BinaryPrimitives.ReadInt32BigEndian(counts[sizeof(int)..]) != files)
        {
            return null;
        }

        var bits = bytes.Slice(HeaderLength, (pieces + 7) / 8).ToArray();
        var times = bytes[(HeaderLength + bits.Length)..];
        var modified = new long[files];
        for (var file = 0; file < files; file++)
        {
            modified[file] = BinaryPrimitives.ReadInt64BigEndian(times[(file * sizeof(long))..]);
        }

        return new ResumeRecord(infoHash, pieces, bits, modified);
    }
}
