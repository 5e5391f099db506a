using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Pier.BitTorrent.Hashing;

/// <summary>
/// SHA-256 (FIPS 180-4) of sixteen blocks side by side, one in each lane of a 512-bit register: the leaves of a hash tree do not
/// depend on each other, and so cost a third of what they cost one after another, even where the processor knows SHA-256.
/// </summary>
internal static class WideSha256
{
    /// <summary>Blocks that are hashed at once.</summary>
    public const int Lanes = 16;

    private const int Chunk = 64;
    private const int Rounds = 64;
    private const int WordsInChunk = 16;
    private const int StateWords = 8;

    // Truth tables of three bits, for TernaryLogic.
    private const byte Choice = 0xca;
    private const byte Majority = 0xe8;
    private const byte Parity = 0x96;

    private static ReadOnlySpan<uint> RoundConstants =>
    [
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    ];

    private static ReadOnlySpan<uint> Start =>
    [
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
    ];

    /// <summary>Whether this processor has registers that wide, and uses them without slowing down.</summary>
    public static bool IsSupported => Vector512.IsHardwareAccelerated && Avx512BW.IsSupported;

    /// <summary>Hashes sixteen blocks that follow each other.</summary>
    /// <param name="blocks">All their bytes; each has as many, a multiple of 64.</param>
    /// <param name="hashes">Receives 32 bytes for each.</param>
    /// <exception cref="PlatformNotSupportedException">Not <see cref="IsSupported"/>.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static unsafe void HashBlocks(ReadOnlySpan<byte> blocks, Span<byte> hashes)
    {
        if (!IsSupported)
        {
            throw new PlatformNotSupportedException("the processor has no 512-bit registers");
        }

        var length = blocks.Length / Lanes;
        if (length * Lanes != blocks.Length || length % Chunk != 0 || hashes.Length != Lanes * MerkleTree.HashSize)
        {
            throw new ArgumentException($"{blocks.Length} bytes are not {Lanes} blocks of whole {Chunk} bytes, or {hashes.Length} not their hashes", nameof(blocks));
        }

        Span<Vector512<uint>> state = stackalloc Vector512<uint>[StateWords];
        Span<Vector512<uint>> words = stackalloc Vector512<uint>[WordsInChunk];
        for (var word = 0; word < StateWords; word++)
        {
            state[word] = Vector512.Create(Start[word]);
        }

        ref var first = ref MemoryMarshal.GetReference(blocks);
        for (var offset = 0; offset < length; offset += Chunk)
        {
            for (var lane = 0; lane < Lanes; lane++)
            {
                ref var at = ref Unsafe.Add(ref first, lane * length + offset);
                words[lane] = Vector512.LoadUnsafe(ref at).AsUInt32();

                // Sixteen places at once are more than the processor foresees. It may point anywhere.
                Sse.Prefetch1((byte*)Unsafe.AsPointer(ref at) + (4 * Chunk));
            }

            WordLanes.Turn(words);
            Compress(state, words);
        }

        // What ends a message: a one, zeros, and its length in bits.
        words.Clear();
        words[0] = Vector512.Create(0x80000000);
        words[^2] = Vector512.Create((uint)((ulong)length * 8 >> 32));
        words[^1] = Vector512.Create((uint)(length * 8));
        Compress(state, words);
        for (var word = 0; word < StateWords; word++)
        {
            for (var lane = 0; lane < Lanes; lane++)
            {
                BinaryPrimitives.WriteUInt32BigEndian(hashes[(lane * MerkleTree.HashSize + word * sizeof(uint))..], state[word][lane]);
            }
        }
    }

    /// <summary>Works sixty-four bytes of each lane into its state; the words stay in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Compress(Span<Vector512<uint>> state, ReadOnlySpan<Vector512<uint>> words)
    {
        ref var k = ref MemoryMarshal.GetReference(RoundConstants);
        var (a, b, c, d) = (state[0], state[1], state[2], state[3]);
        var (e, f, g, h) = (state[4], state[5], state[6], state[7]);
        var (w0, w1, w2, w3) = (words[0], words[1], words[2], words[3]);
        var (w4, w5, w6, w7) = (words[4], words[5], words[6], words[7]);
        var (w8, w9, w10, w11) = (words[8], words[9], words[10], words[11]);
        var (w12, w13, w14, w15) = (words[12], words[13], words[14], words[15]);
        for (var round = 0; ; round += WordsInChunk)
        {
            Round(a, b, c, ref d, e, f, g, ref h, w0, Unsafe.Add(ref k, 0));
            Round(h, a, b, ref c, d, e, f, ref g, w1, Unsafe.Add(ref k, 1));
            Round(g, h, a, ref b, c, d, e, ref f, w2, Unsafe.Add(ref k, 2));
            Round(f, g, h, ref a, b, c, d, ref e, w3, Unsafe.Add(ref k, 3));
            Round(e, f, g, ref h, a, b, c, ref d, w4, Unsafe.Add(ref k, 4));
            Round(d, e, f, ref g, h, a, b, ref c, w5, Unsafe.Add(ref k, 5));
            Round(c, d, e, ref f, g, h, a, ref b, w6, Unsafe.Add(ref k, 6));
            Round(b, c, d, ref e, f, g, h, ref a, w7, Unsafe.Add(ref k, 7));
            Round(a, b, c, ref d, e, f, g, ref h, w8, Unsafe.Add(ref k, 8));
            Round(h, a, b, ref c, d, e, f, ref g, w9, Unsafe.Add(ref k, 9));
            Round(g, h, a, ref b, c, d, e, ref f, w10, Unsafe.Add(ref k, 10));
            Round(f, g, h, ref a, b, c, d, ref e, w11, Unsafe.Add(ref k, 11));
            Round(e, f, g, ref h, a, b, c, ref d, w12, Unsafe.Add(ref k, 12));
            Round(d, e, f, ref g, h, a, b, ref c, w13, Unsafe.Add(ref k, 13));
            Round(c, d, e, ref f, g, h, a, ref b, w14, Unsafe.Add(ref k, 14));
            Round(b, c, d, ref e, f, g, h, ref a, w15, Unsafe.Add(ref k, 15));
            if (round == Rounds - WordsInChunk)
            {
                break;
            }

            k = ref Unsafe.Add(ref k, WordsInChunk);
            w0 += Next(w1, w9, w14);
            w1 += Next(w2, w10, w15);
            w2 += Next(w3, w11, w0);
            w3 += Next(w4, w12, w1);
            w4 += Next(w5, w13, w2);
            w5 += Next(w6, w14, w3);
            w6 += Next(w7, w15, w4);
            w7 += Next(w8, w0, w5);
            w8 += Next(w9, w1, w6);
            w9 += Next(w10, w2, w7);
            w10 += Next(w11, w3, w8);
            w11 += Next(w12, w4, w9);
            w12 += Next(w13, w5, w10);
            w13 += Next(w14, w6, w11);
            w14 += Next(w15, w7, w12);
            w15 += Next(w0, w8, w13);
        }

        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
        state[4] += e;
        state[5] += f;
        state[6] += g;
        state[7] += h;
    }

    /// <summary>What a word of the schedule grows by to become the one of sixteen rounds later.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Next(Vector512<uint> early, Vector512<uint> middle, Vector512<uint> late) => middle
        + Xor(Avx512F.RotateRight(early, 7), Avx512F.RotateRight(early, 18), Avx512F.ShiftRightLogical(early, 3))
        + Xor(Avx512F.RotateRight(late, 17), Avx512F.RotateRight(late, 19), Avx512F.ShiftRightLogical(late, 10));

    /// <summary>
    /// One round; eight bring each variable back to its place, and none is moved. Rounds wait for each other, not for room in the
    /// processor: what needs the last one's words is added last, at the price of one more addition.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(
        Vector512<uint> a, Vector512<uint> b, Vector512<uint> c, ref Vector512<uint> d,
        Vector512<uint> e, Vector512<uint> f, Vector512<uint> g, ref Vector512<uint> h, Vector512<uint> word, uint constant)
    {
        var early = h + (word + Vector512.Create(constant));
        var choice = Avx512F.TernaryLogic(e, f, g, Choice);
        var majority = Avx512F.TernaryLogic(a, b, c, Majority);
        var sum = Xor(Avx512F.RotateRight(e, 6), Avx512F.RotateRight(e, 11), Avx512F.RotateRight(e, 25));
        d = ((d + early) + choice) + sum;
        h = (((early + choice) + sum) + majority)
            + Xor(Avx512F.RotateRight(a, 2), Avx512F.RotateRight(a, 13), Avx512F.RotateRight(a, 22));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Xor(Vector512<uint> a, Vector512<uint> b, Vector512<uint> c) => Avx512F.TernaryLogic(a, b, c, Parity);
}
