using System.Buffers.Binary;
using System.Numerics;

namespace Pier.Store.Zstandard;

/// <summary>The checksum of a frame's content: XXH64 with seed 0 (xxHash specification 0.1.1), of which frames keep the lower half.</summary>
internal sealed class XxHash64
{
    private const ulong Prime1 = 0x9E3779B185EBCA87;
    private const ulong Prime2 = 0xC2B2AE3D27D4EB4F;
    private const ulong Prime3 = 0x165667B19E3779F9;
    private const ulong Prime4 = 0x85EBCA77C2B2AE63;
    private const ulong Prime5 = 0x27D4EB2F165667C5;
    private const int Stripe = 32;

    private readonly ulong[] _lanes = new ulong[4];
    private readonly byte[] _rest = new byte[Stripe];
    private int _resting;
    private ulong _length;

    public XxHash64() => Reset();

    /// <summary>Begins anew.</summary>
    public void Reset()
    {
        (_lanes[0], _lanes[1], _lanes[2], _lanes[3]) = (unchecked(Prime1 + Prime2), Prime2, 0, unchecked(0 - Prime1));
        (_resting, _length) = (0, 0);
    }

    /// <summary>Adds bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        _length += (ulong)bytes.Length;
        if (_resting > 0)
        {
            var part = Math.Min(Stripe - _resting, bytes.Length);
            bytes[..part].CopyTo(_rest.AsSpan(_resting));
            _resting += part;
            bytes = bytes[part..];
            if (_resting < Stripe)
            {
                return;
            }

            Consume(_rest);
            _resting = 0;
        }

        for (; bytes.Length >= Stripe; bytes = bytes[Stripe..])
        {
            Consume(bytes);
        }

        bytes.CopyTo(_rest);
        _resting = bytes.Length;
    }

    /// <summary>The hash of all that was added.</summary>
    public ulong Value
    {
        get
        {
            unchecked
            {
                var hash = Prime5;
                if (_length >= Stripe)
                {
                    hash = BitOperations.RotateLeft(_lanes[0], 1) + BitOperations.RotateLeft(_lanes[1], 7) + BitOperations.RotateLeft(_lanes[2], 12) + BitOperations.RotateLeft(_lanes[3], 18);
                    foreach (var lane in _lanes)
                    {
                        hash = ((hash ^ Round(0, lane)) * Prime1) + Prime4;
                    }
                }

                hash += _length;
                ReadOnlySpan<byte> rest = _rest.AsSpan(0, _resting);
                for (; rest.Length >= 8; rest = rest[8..])
                {
                    hash = (BitOperations.RotateLeft(hash ^ Round(0, BinaryPrimitives.ReadUInt64LittleEndian(rest)), 27) * Prime1) + Prime4;
                }

                if (rest.Length >= 4)
                {
                    hash = (BitOperations.RotateLeft(hash ^ (BinaryPrimitives.ReadUInt32LittleEndian(rest) * Prime1), 23) * Prime2) + Prime3;
                    rest = rest[4..];
                }

                foreach (var one in rest)
                {
                    hash = BitOperations.RotateLeft(hash ^ (one * Prime5), 11) * Prime1;
                }

                hash = (hash ^ (hash >> 33)) * Prime2;
                hash = (hash ^ (hash >> 29)) * Prime3;
                return hash ^ (hash >> 32);
            }
        }
    }

    private static ulong Round(ulong lane, ulong input) => unchecked(BitOperations.RotateLeft(lane + (input * Prime2), 31) * Prime1);

    private void Consume(ReadOnlySpan<byte> stripe)
    {
        for (var lane = 0; lane < 4; lane++)
        {
            _lanes[lane] = Round(_lanes[lane], BinaryPrimitives.ReadUInt64LittleEndian(stripe[(8 * lane)..]));
        }
    }
}
