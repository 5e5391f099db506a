using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Pier.BitTorrent.Hashing;

/// <summary>Brings sixteen big-endian words of sixteen messages from rows, a message each, into lanes, a message each.</summary>
internal static class WordLanes
{
    // Parts 0 and 2 of each of two registers of four parts; parts 1 and 3.
    private const byte Even = 0x88;
    private const byte Odd = 0xdd;

    private static readonly Vector512<byte> BigEndian = Vector512.Create(
        Vector256.Create(Vector128.Create((byte)3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12), Vector128.Create((byte)3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12)),
        Vector256.Create(Vector128.Create((byte)3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12), Vector128.Create((byte)3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12)));

    /// <summary>Turns a square of words about its diagonal, and the bytes of each word round.</summary>
    /// <param name="rows">Sixteen; becomes sixteen columns.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Turn(Span<Vector512<uint>> rows)
    {
        ref var r = ref MemoryMarshal.GetReference(rows[..16]);
        var swap = BigEndian;
        for (var row = 0; row < 16; row += 4)
        {
            ref var q = ref Unsafe.Add(ref r, row);
            var low0 = Pair(q, Unsafe.Add(ref q, 1), swap, out var high0);
            var low1 = Pair(Unsafe.Add(ref q, 2), Unsafe.Add(ref q, 3), swap, out var high1);
            q = Avx512F.UnpackLow(low0, low1).AsUInt32();
            Unsafe.Add(ref q, 1) = Avx512F.UnpackHigh(low0, low1).AsUInt32();
            Unsafe.Add(ref q, 2) = Avx512F.UnpackLow(high0, high1).AsUInt32();
            Unsafe.Add(ref q, 3) = Avx512F.UnpackHigh(high0, high1).AsUInt32();
        }

        // Now row 4q + i holds, in its part j, word 4j + i of the rows 4q to 4q + 3.
        for (var word = 0; word < 4; word++)
        {
            var (a, b) = (Unsafe.Add(ref r, word), Unsafe.Add(ref r, word + 4));
            var (c, d) = (Unsafe.Add(ref r, word + 8), Unsafe.Add(ref r, word + 12));
            var (evenLow, evenHigh) = (Avx512F.Shuffle4x128(a, b, Even), Avx512F.Shuffle4x128(c, d, Even));
            var (oddLow, oddHigh) = (Avx512F.Shuffle4x128(a, b, Odd), Avx512F.Shuffle4x128(c, d, Odd));
            Unsafe.Add(ref r, word) = Avx512F.Shuffle4x128(evenLow, evenHigh, Even);
            Unsafe.Add(ref r, word + 4) = Avx512F.Shuffle4x128(oddLow, oddHigh, Even);
            Unsafe.Add(ref r, word + 8) = Avx512F.Shuffle4x128(evenLow, evenHigh, Odd);
            Unsafe.Add(ref r, word + 12) = Avx512F.Shuffle4x128(oddLow, oddHigh, Odd);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Pair(Vector512<uint> first, Vector512<uint> second, Vector512<byte> swap, out Vector512<ulong> high)
    {
        first = Avx512BW.Shuffle(first.AsByte(), swap).AsUInt32();
        second = Avx512BW.Shuffle(second.AsByte(), swap).AsUInt32();
        high = Avx512F.UnpackHigh(first, second).AsUInt64();
        return Avx512F.UnpackLow(first, second).AsUInt64();
    }
}
