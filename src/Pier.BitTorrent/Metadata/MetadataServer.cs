using System.Buffers;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Metadata;

/// <summary>Answers requests for the info dictionary (BEP 9).</summary>
internal static class MetadataServer
{
    /// <summary>Writes the answer to a request for one piece: its data, or a reject when there is no such piece.</summary>
    public static void Answer(int piece, ReadOnlySpan<byte> info, IBufferWriter<byte> output)
    {
        var offset = (long)piece * MetadataMessage.PieceSize;
        if (offset >= info.Length)
        {
            new MetadataMessage(MetadataMessageKind.Reject, piece, 0).WriteTo(output);
            return;
        }

        var data = info[(int)offset..];
        new MetadataMessage(MetadataMessageKind.Data, piece, info.Length).WriteTo(output);
        output.Write(data[..Math.Min(data.Length, MetadataMessage.PieceSize)]);
    }
}
