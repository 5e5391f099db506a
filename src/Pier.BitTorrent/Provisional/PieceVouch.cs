using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using Pier.BitTorrent.Bencoding;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Provisional;

/// <summary>
/// <c>pier_piece</c> (design §4): the word of a turn's holder that a piece has this SHA-256, with the proof that it is its
/// word: the first 16 bytes of HMAC-SHA256 over index (4 bytes, big-endian) and hash, under the key that it shares with the
/// member it speaks to. A connection that is taken over, or an old recording, brings no false vouch.
/// </summary>
/// <param name="Index">The piece.</param>
/// <param name="Sha256">Its hash.</param>
/// <param name="Mac">The proof.</param>
internal sealed record PieceVouch(int Index, byte[] Sha256, byte[] Mac)
{
    private const int MacSize = 16;

    /// <summary>Vouches for a piece towards the member with whom the key is shared.</summary>
    public static PieceVouch Sign(int index, byte[] sha256, ReadOnlySpan<byte> key) => new(index, sha256, MacOf(index, sha256, key));

    /// <summary>Whether the proof is right.</summary>
    public bool IsSignedWith(ReadOnlySpan<byte> key) => CryptographicOperations.FixedTimeEquals(Mac, MacOf(Index, Sha256, key));

    /// <summary>Reads a message's body.</summary>
    /// <exception cref="WireException">It is malformed.</exception>
    public static PieceVouch Parse(ReadOnlySpan<byte> body)
    {
        try
        {
            long index = -1;
            byte[] sha256 = [], mac = [];
            var reader = new BencodeReader(body, BencodeKeyOrder.Tolerant);
            reader.EnterDictionary();
            while (reader.TryReadKey(out var key))
            {
                if (key.SequenceEqual("index"u8))
                {
                    index = reader.ReadInteger();
                }
                else if (key.SequenceEqual("mac"u8))
                {
                    mac = reader.ReadBytes().ToArray();
                }
                else if (key.SequenceEqual("sha256"u8))
                {
                    sha256 = reader.ReadBytes().ToArray();
                }
                else
                {
                    reader.Skip();
                }
            }

            return index is >= 0 and <= int.MaxValue && sha256.Length == SHA256.HashSizeInBytes && mac.Length == MacSize
                ? new PieceVouch((int)index, sha256, mac)
                : throw new WireException($"a pier_piece for piece {index} with {sha256.Length} bytes of hash and {mac.Length} of proof");
        }
        catch (BencodeException malformed)
        {
            throw new WireException($"a malformed pier_piece: {malformed.Message}", malformed);
        }
    }

    /// <summary>Writes the message's body, keys in order.</summary>
    public ReadOnlyMemory<byte> Write()
    {
        var output = new ArrayBufferWriter<byte>(96);
        var writer = new BencodeWriter(output);
        writer.WriteDictionaryStart();
        writer.WriteInteger("index"u8, Index);
        writer.WriteBytes("mac"u8, Mac);
        writer.WriteBytes("sha256"u8, Sha256);
        writer.WriteEnd();
        return output.WrittenMemory;
    }

    private static byte[] MacOf(int index, ReadOnlySpan<byte> sha256, ReadOnlySpan<byte> key)
    {
        Span<byte> told = stackalloc byte[sizeof(int) + SHA256.HashSizeInBytes];
        BinaryPrimitives.WriteInt32BigEndian(told, index);
        sha256.CopyTo(told[sizeof(int)..]);
        return HMACSHA256.HashData(key, told)[..MacSize];
    }
}
