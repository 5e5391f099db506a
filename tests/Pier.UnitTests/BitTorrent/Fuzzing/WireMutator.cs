using System.Buffers;
using System.Buffers.Binary;
using Pier.BitTorrent.Wire;

namespace Pier.UnitTests.BitTorrent.Fuzzing;

/// <summary>Makes streams of peer messages of every kind, bent where it hurts: the length prefix, the id, one field, the end.</summary>
internal sealed class WireMutator(int seed)
{
    private static readonly MessageId[] Kinds = Enum.GetValues<MessageId>();

    private static readonly uint[] Edges =
    [
        0, 1, 15, 16, 17, 16_383, 16_384, 16_385, WireLimits.MaxBlockLength, WireLimits.MaxBlockLength + 1, int.MaxValue, 0x8000_0000, uint.MaxValue,
    ];

    private readonly Random _random = new(seed);

    /// <summary>One to four messages; some of them are left as they should be.</summary>
    public byte[] Next()
    {
        var output = new ArrayBufferWriter<byte>();
        for (var count = _random.Next(1, 5); count > 0; count--)
        {
            var message = Message(Kinds[_random.Next(Kinds.Length)]);
            output.Write(_random.Next(2) == 0 ? message : Bend(message));
        }

        var stream = output.WrittenSpan;
        return stream[..(_random.Next(4) == 0 ? _random.Next(stream.Length + 1) : stream.Length)].ToArray();
    }

    private byte[] Message(MessageId kind)
    {
        var fields = kind switch
        {
            MessageId.Have or MessageId.SuggestPiece or MessageId.AllowedFast => 4,
            MessageId.Request or MessageId.Cancel or MessageId.RejectRequest => 12,
            MessageId.Piece => 8 + _random.Next(40),
            MessageId.Port => 2,
            MessageId.Bitfield => 2,
            MessageId.Extended => 1 + _random.Next(20),
            MessageId.HashRequest or MessageId.HashReject => HashRequest.Size,
            MessageId.Hashes => HashRequest.Size + (32 * _random.Next(4)),
            _ => 0,
        };
        var message = new byte[WireLimits.PrefixLength + 1 + fields];
        BinaryPrimitives.WriteUInt32BigEndian(message, (uint)(1 + fields));
        message[WireLimits.PrefixLength] = (byte)kind;
        var payload = message.AsSpan(WireLimits.PrefixLength + 1);
        switch (kind)
        {
            case MessageId.Request or MessageId.Cancel or MessageId.RejectRequest:
                payload[3] = (byte)_random.Next(16);
                BinaryPrimitives.WriteUInt32BigEndian(payload[8..], 16_384);
                break;
            case MessageId.Have or MessageId.SuggestPiece or MessageId.AllowedFast or MessageId.Piece:
                payload[3] = (byte)_random.Next(16);
                break;
            case MessageId.HashRequest or MessageId.Hashes or MessageId.HashReject:
                BinaryPrimitives.WriteUInt32BigEndian(payload[40..], 2);
                break;
        }

        return message;
    }

    private byte[] Bend(byte[] message)
    {
        switch (_random.Next(4))
        {
            case 0:
                BinaryPrimitives.WriteUInt32BigEndian(message, Edge());
                break;
            case 1:
                message[WireLimits.PrefixLength] = (byte)_random.Next(256);
                break;
            case 2 when message.Length >= WireLimits.PrefixLength + 5:
                var fields = (message.Length - WireLimits.PrefixLength - 1) / 4;
                BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(WireLimits.PrefixLength + 1 + (4 * _random.Next(fields))), Edge());
                break;
            default:
                // Fewer or more bytes than the kind has, with a prefix that says so.
                Array.Resize(ref message, Math.Max(WireLimits.PrefixLength + 1, message.Length + _random.Next(-4, 5)));
                BinaryPrimitives.WriteUInt32BigEndian(message, (uint)(message.Length - WireLimits.PrefixLength));
                break;
        }

        return message;
    }

    private uint Edge() => Edges[_random.Next(Edges.Length)];
}
