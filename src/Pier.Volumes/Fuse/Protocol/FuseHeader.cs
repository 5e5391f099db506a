using System.Buffers.Binary;

namespace Pier.Volumes.Fuse.Protocol;

/// <summary>The head of each request, 40 bytes (<c>fuse_in_header</c>). Numbers are little-endian, as on every host that Pier runs on.</summary>
/// <param name="Opcode">What is asked.</param>
/// <param name="Unique">Names the request; the answer repeats it.</param>
/// <param name="NodeId">The node that it is about; 0 where there is none.</param>
internal readonly record struct FuseHeader(FuseOpcode Opcode, ulong Unique, ulong NodeId)
{
    /// <summary>Bytes of a request's head.</summary>
    public const int Size = 40;

    /// <summary>Bytes of an answer's head (<c>fuse_out_header</c>): length u32, negative errno i32, unique u64.</summary>
    public const int AnswerSize = 16;

    /// <summary>Reads the head of a request; false when it does not say its own length.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out FuseHeader header)
    {
        if (message.Length < Size || BinaryPrimitives.ReadUInt32LittleEndian(message) != (uint)message.Length)
        {
            header = default;
            return false;
        }

        header = new FuseHeader(
            (FuseOpcode)BinaryPrimitives.ReadUInt32LittleEndian(message[4..]),
            BinaryPrimitives.ReadUInt64LittleEndian(message[8..]),
            BinaryPrimitives.ReadUInt64LittleEndian(message[16..]));
        return true;
    }

    /// <summary>Writes the head of an answer.</summary>
    /// <param name="message">The whole answer, head included.</param>
    /// <param name="errno">0, or a positive error number.</param>
    /// <param name="unique">Of the request; 0 for a notice, whose code then stands in place of the error.</param>
    public static void WriteAnswer(Span<byte> message, int errno, ulong unique)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(message, (uint)message.Length);
        BinaryPrimitives.WriteInt32LittleEndian(message[4..], -errno);
        BinaryPrimitives.WriteUInt64LittleEndian(message[8..], unique);
    }
}
