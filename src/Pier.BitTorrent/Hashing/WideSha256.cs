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
    public static void HashBlocks(ReadOnlySpan<byte> blocks, Span<byte> hashes)
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
                words[lane] = Vector512.LoadUnsafe(ref first, (nuint)(lane * length + offset)).AsUInt32();
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

    /// <summary>Works sixty-four bytes of each lane into its state; the words are used up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Compress(Span<Vector512<uint>> state, Span<Vector512<uint>> words)
    {
        ref var k = ref MemoryMarshal.GetReference(RoundConstants);
        var (a, b, c, d) = (state[0], state[1], state[2], state[3]);
        var (e, f, g, h) = (state[4], state[5], state[6], state[7]);
        for (var round = 0; round < Rounds; round += StateWords)
        {
            // Of the sixteen words eight are used now and eight next.
            ref var w = ref Unsafe.Add(ref MemoryMarshal.GetReference(words), round % WordsInChunk);
            if (round >= WordsInChunk)
            {
                Extend(ref MemoryMarshal.GetReference(words), round);
            }

            // Eight rounds bring each variable back to its place; none is moved.
            var t = First(e, f, g, h, w, Unsafe.Add(ref k, round));
            d += t;
            h = t + Second(a, b, c);
            t = First(d, e, f, g, Unsafe.Add(ref w, 1), Unsafe.Add(ref k, round + 1));
            c += t;
            g = t + Second(h, a, b);
            t = First(c, d, e, f, Unsafe.Add(ref w, 2), Unsafe.Add(ref k, round + 2));
            b += t;
            f = t + Second(g, h, a);
            t = First(b, c, d, e, Unsafe.Add(ref w, 3), Unsafe.Add(ref k, round + 3));
            a += t;
            e = t + Second(f, g, h);
            t = First(a, b, c, d, Unsafe.Add(ref w, 4), Unsafe.Add(ref k, round + 4));
            h += t;
            d = t + Second(e, f, g);
            t = First(h, a, b, c, Unsafe.Add(ref w, 5), Unsafe.Add(ref k, round + 5));
            g += t;
            c = t + Second(d, e, f);
            t = First(g, h, a, b, Unsafe.Add(ref w, 6), Unsafe.Add(ref k, round + 6));
            f += t;
            b = t + Second(c, d, e);
            t = First(f, g, h, a, Unsafe.Add(ref w, 7), Unsafe.Add(ref k, round + 7));
            e += t;
            a = t + Second(b, c, d);
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

    /// <summary>The next eight words of the schedule, in place of those of sixteen rounds before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Extend(ref Vector512<uint> words, int round)
    {
        for (var word = round; word < round + StateWords; word++)
        {
            var early = Unsafe.Add(ref words, (word + 1) % WordsInChunk);
            var late = Unsafe.Add(ref words, (word + 14) % WordsInChunk);
            Unsafe.Add(ref words, word % WordsInChunk) += Unsafe.Add(ref words, (word + 9) % WordsInChunk)
                + Xor(Avx512F.RotateRight(early, 7), Avx512F.RotateRight(early, 18), Avx512F.ShiftRightLogical(early, 3))
                + Xor(Avx512F.RotateRight(late, 17), Avx512F.RotateRight(late, 19), Avx512F.ShiftRightLogical(late, 10));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> First(
        Vector512<uint> e, Vector512<uint> f, Vector512<uint> g, Vector512<uint> h, Vector512<uint> word, uint constant) =>
        (h + (word + Vector512.Create(constant)))
        + (Avx512F.TernaryLogic(e, f, g, Choice)
            + Xor(Avx512F.RotateRight(e, 6), Avx512F.RotateRight(e, 11), Avx512F.RotateRight(e, 25)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Second(Vector512<uint> a, Vector512<uint> b, Vector512<uint> c) =>
        Avx512F.TernaryLogic(a, b, c, Majority)
        + Xor(Avx512F.RotateRight(a, 2), Avx512F.RotateRight(a, 13), Avx512F.RotateRight(a, 22));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Xor(Vector512<uint> a, Vector512<uint> b, Vector512<uint> c) => Avx512F.TernaryLogic(a, b, c, Parity);
}
