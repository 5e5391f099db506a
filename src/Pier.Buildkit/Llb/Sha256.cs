using System.Buffers.Binary;
using System.Numerics;

namespace Pier.Buildkit.Llb;

/// <summary>
/// SHA-256 (FIPS 180-4) in managed code, for digests of a few kilobytes: the platform's needs OpenSSL, which the frontend's
/// image does not have.
/// </summary>
internal static class Sha256
{
    private const int BlockSize = 64;
    private const int LengthSize = 8;

    private static readonly uint[] Initial = [.. Primes().Take(8).Select(prime => Fraction(Math.Sqrt(prime)))];
    private static readonly uint[] Constants = [.. Primes().Take(64).Select(prime => Fraction(Math.Cbrt(prime)))];

    /// <summary>The digest's 32 bytes.</summary>
    public static byte[] Hash(ReadOnlySpan<byte> data)
    {
        Span<uint> state = stackalloc uint[8];
        Initial.CopyTo(state);
        var whole = data.Length / BlockSize * BlockSize;
        for (var at = 0; at < whole; at += BlockSize)
        {
            Compress(state, data.Slice(at, BlockSize));
        }

        Span<byte> tail = stackalloc byte[2 * BlockSize];
        tail.Clear();
        var rest = data[whole..];
        rest.CopyTo(tail);
        tail[rest.Length] = 0x80;
        var end = rest.Length < BlockSize - LengthSize ? BlockSize : 2 * BlockSize;
        BinaryPrimitives.WriteUInt64BigEndian(tail[(end - LengthSize)..], (ulong)data.Length * 8);
        for (var at = 0; at < end; at += BlockSize)
        {
            Compress(state, tail.Slice(at, BlockSize));
        }

        var digest = new byte[32];
        for (var word = 0; word < state.Length; word++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(digest.AsSpan(word * 4), state[word]);
        }

        return digest;
    }

    /// <summary>As BuildKit writes it: <c>sha256:</c> and hex digits.</summary>
    public static string Text(ReadOnlySpan<byte> data) => "sha256:" + Convert.ToHexStringLower(Hash(data));

    private static void Compress(Span<uint> state, ReadOnlySpan<byte> block)
    {
        Span<uint> w = stackalloc uint[64];
        for (var t = 0; t < 16; t++)
        {
            w[t] = BinaryPrimitives.ReadUInt32BigEndian(block[(t * 4)..]);
        }

        for (var t = 16; t < 64; t++)
        {
            var small0 = BitOperations.RotateRight(w[t - 15], 7) ^ BitOperations.RotateRight(w[t - 15], 18) ^ (w[t - 15] >> 3);
            var small1 = BitOperations.RotateRight(w[t - 2], 17) ^ BitOperations.RotateRight(w[t - 2], 19) ^ (w[t - 2] >> 10);
            w[t] = w[t - 16] + small0 + w[t - 7] + small1;
        }

        Span<uint> v = stackalloc uint[8];
        state.CopyTo(v);
        for (var t = 0; t < 64; t++)
        {
            var big1 = BitOperations.RotateRight(v[4], 6) ^ BitOperations.RotateRight(v[4], 11) ^ BitOperations.RotateRight(v[4], 25);
            var first = v[7] + big1 + ((v[4] & v[5]) ^ (~v[4] & v[6])) + Constants[t] + w[t];
            var big0 = BitOperations.RotateRight(v[0], 2) ^ BitOperations.RotateRight(v[0], 13) ^ BitOperations.RotateRight(v[0], 22);
            var second = big0 + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
            v[..7].CopyTo(v[1..]);
            v[4] += first;
            v[0] = first + second;
        }

        for (var word = 0; word < state.Length; word++)
        {
            state[word] += v[word];
        }
    }

    /// <summary>The first 32 bits of a root's fraction; a double holds them exactly for the primes in question.</summary>
    private static uint Fraction(double root) => (uint)((root - Math.Floor(root)) * 4294967296.0);

    private static IEnumerable<int> Primes()
    {
        for (var number = 2; ; number++)
        {
            var isPrime = true;
            for (var divisor = 2; divisor * divisor <= number && isPrime; divisor++)
            {
                isPrime = number % divisor != 0;
            }

            if (isPrime)
            {
                yield return number;
            }
        }
    }
}
