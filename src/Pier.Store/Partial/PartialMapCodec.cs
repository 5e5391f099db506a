using System.Buffers.Binary;
using System.Security.Cryptography;
using Pier.Content;

namespace Pier.Store.Partial;

/// <summary>
/// The bytes of a <c>.map</c> file, frozen by golden tests: <c>PIERMAP</c>, a version byte, the algorithm byte, the raw
/// hash, the length, three lists (bytes by source; present and readable ranges as offset and length), and the SHA-256
/// of all that. Numbers are big-endian, list counts 32 bits, the rest 64.
/// </summary>
internal static class PartialMapCodec
{
    /// <summary>No map is larger: beyond two million ranges the blob is fetched anew.</summary>
    public const int Limit = 64 << 20;

    private const byte Version = 1;
    private const int ChecksumSize = 32;

    private static ReadOnlySpan<byte> Magic => "PIERMAP"u8;

    public static byte[] Encode(PartialMap map)
    {
        var size = Magic.Length + 2 + Digest.HashSize(map.Digest.Algorithm) + 8
            + 4 + 8 * map.BySource.Count + 4 + 16 * map.Present.Count + 4 + 16 * map.Readable.Count + ChecksumSize;
        var bytes = new byte[size];
        var writer = new Writer(bytes);
        writer.Put(Magic);
        writer.Put([Version, (byte)map.Digest.Algorithm]);
        writer.Put(map.Digest.ToHash());
        writer.Put(map.Length);
        writer.Put(map.BySource.Count);
        foreach (var count in map.BySource)
        {
            writer.Put(count);
        }

        writer.Put(map.Present);
        writer.Put(map.Readable);
        SHA256.HashData(bytes.AsSpan(0, size - ChecksumSize), bytes.AsSpan(size - ChecksumSize));
        return bytes;
    }

    /// <summary>Reads a map; null, with the reason, when the bytes are torn, damaged or of another version.</summary>
    public static PartialMap? Decode(ReadOnlySpan<byte> bytes, out string reason)
    {
        reason = "its map is torn or damaged";
        if (bytes.Length < Magic.Length + 2 + ChecksumSize || !bytes.StartsWith(Magic))
        {
            return null;
        }

        if (bytes[Magic.Length] != Version)
        {
            reason = $"its map has version {bytes[Magic.Length]}, and this build writes {Version}";
            return null;
        }

        Span<byte> checksum = stackalloc byte[ChecksumSize];
        SHA256.HashData(bytes[..^ChecksumSize], checksum);
        if (!checksum.SequenceEqual(bytes[^ChecksumSize..]))
        {
            return null;
        }

        var reader = new Reader(bytes[(Magic.Length + 1)..^ChecksumSize]);
        return reader.TryReadMap(out var map) ? map : null;
    }

    private ref struct Writer(Span<byte> rest)
    {
        private Span<byte> _rest = rest;

        public void Put(scoped ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(_rest);
            _rest = _rest[bytes.Length..];
        }

        public void Put(int value)
        {
            BinaryPrimitives.WriteInt32BigEndian(_rest, value);
            _rest = _rest[4..];
        }

        public void Put(long value)
        {
            BinaryPrimitives.WriteInt64BigEndian(_rest, value);
            _rest = _rest[8..];
        }

        public void Put(RangeMap ranges)
        {
            Put(ranges.Count);
            foreach (var range in ranges)
            {
                Put(range.Offset);
                Put(range.Length);
            }
        }
    }

    private ref struct Reader(ReadOnlySpan<byte> rest)
    {
        private ReadOnlySpan<byte> _rest = rest;

        /// <summary>The checksum holds, so a failure here is a fault of the writer; it is answered as damage all the same.</summary>
        public bool TryReadMap(out PartialMap? map)
        {
            map = null;
            var algorithm = (DigestAlgorithm)_rest[0];
            _rest = _rest[1..];
            if (!Enum.IsDefined(algorithm) || _rest.Length < Digest.HashSize(algorithm) + 8)
            {
                return false;
            }

            var digest = Digest.FromHash(algorithm, _rest[..Digest.HashSize(algorithm)]);
            _rest = _rest[Digest.HashSize(algorithm)..];
            var length = Next64();
            if (length < 0 || !TryReadCount(8, out var kinds))
            {
                return false;
            }

            var bySource = new long[Math.Max(kinds, PartialMap.SourceKinds)];
            for (var i = 0; i < kinds; i++)
            {
                bySource[i] = Next64();
            }

            if (!TryReadRanges(length, out var present) || !TryReadRanges(length, out var readable) || !_rest.IsEmpty)
            {
                return false;
            }

            map = new PartialMap(digest, length, present, readable, bySource);
            return readable.All(present.Contains);
        }

        private bool TryReadRanges(long length, out RangeMap ranges)
        {
            ranges = new RangeMap();
            if (!TryReadCount(16, out var count))
            {
                return false;
            }

            var previousEnd = -1L;
            for (var i = 0; i < count; i++)
            {
                var range = new ByteRange(Next64(), Next64());
                if (range.Offset <= previousEnd || range.Length <= 0 || range.Length > length - range.Offset)
                {
                    return false;
                }

                previousEnd = range.End;
                ranges.Add(range);
            }

            return true;
        }

        private bool TryReadCount(int itemSize, out int count)
        {
            count = 0;
            if (_rest.Length < 4)
            {
                return false;
            }

            count = BinaryPrimitives.ReadInt32BigEndian(_rest);
            _rest = _rest[4..];
            return count >= 0 && count <= _rest.Length / itemSize;
        }

        private long Next64()
        {
            var value = BinaryPrimitives.ReadInt64BigEndian(_rest);
            _rest = _rest[8..];
            return value;
        }
    }
}
