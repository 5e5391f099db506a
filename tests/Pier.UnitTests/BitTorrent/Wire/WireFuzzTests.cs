using System.Buffers;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Wire;
using Pier.UnitTests.BitTorrent.Fuzzing;

namespace Pier.UnitTests.BitTorrent.Wire;

/// <summary>Bent messages: nothing but <see cref="WireException"/>, and never a claim of more memory than the bound.</summary>
public sealed class WireFuzzTests
{
    private const int Rounds = 20_000;

    [Fact]
    public void Streams_of_messages()
    {
        var random = new Random(1);
        for (var round = 0; round < Rounds; round++)
        {
            var stream = Stream(random);
            for (var damage = random.Next(4); damage > 0; damage--)
            {
                stream[random.Next(stream.Length)] = (byte)random.Next(256);
            }

            OnlyWireException(() => ReadAll(stream.AsSpan(0, random.Next(stream.Length + 1))));
        }
    }

    [Fact]
    public void Bencoded_bodies()
    {
        var mutator = new BencodeMutator(1);
        var pier = new ArrayBufferWriter<byte>();
        new ExtensionHandshake
        {
            Ids = new ExtensionIds { Metadata = 1 }, MetadataSize = 5, Pier = new PierClaim(5, new TorrentId(new InfoHash(new byte[20]), new InfoHashV2(new byte[32]))), Client = "x",
        }.WriteTo(pier);
        var metadata = "d8:msg_typei1e5:piecei0e10:total_sizei3ee"u8.ToArray();
        for (var round = 0; round < Rounds / 2; round++)
        {
            var bent = mutator.Mutate(pier.WrittenSpan.ToArray());
            OnlyWireException(() => ExtensionHandshake.Parse(bent));
            var other = mutator.Mutate(metadata);
            OnlyWireException(() => MetadataMessage.Parse(other, out _));
        }
    }

    private static byte[] Stream(Random random)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new WireWriter(output);
        for (var count = random.Next(1, 5); count > 0; count--)
        {
            switch (random.Next(6))
            {
                case 0:
                    writer.Empty((MessageId)random.Next(4));
                    break;
                case 1:
                    writer.PieceIndex(MessageId.Have, random.Next(20));
                    break;
                case 2:
                    writer.Block(MessageId.Request, new BlockRange(random.Next(20), 0, 1 << random.Next(20)));
                    break;
                case 3:
                    writer.Raw(MessageId.Piece, new byte[random.Next(40)]);
                    break;
                case 4:
                    writer.Bitfield(new byte[random.Next(4)]);
                    break;
                default:
                    writer.Raw(MessageId.HashRequest, new byte[HashRequest.Size]);
                    break;
            }
        }

        return output.WrittenSpan.ToArray();
    }

    private static void ReadAll(ReadOnlySpan<byte> stream)
    {
        var reader = new WireReader(stream);
        while (reader.TryRead(out var message))
        {
            switch (message.Id)
            {
                case MessageId.Have:
                    message.ReadPieceIndex(16).ShouldBeInRange(0, 15);
                    break;
                case MessageId.Request:
                    message.ReadBlock(16).Length.ShouldBeInRange(1, WireLimits.MaxBlockLength);
                    break;
                case MessageId.Piece:
                    message.ReadPiece(16, out _);
                    break;
                case MessageId.Bitfield:
                    Bitfield.Parse(message.Payload, 16).Count.ShouldBeInRange(0, 16);
                    break;
                case MessageId.HashRequest:
                    HashRequest.Parse(message.Payload);
                    break;
                case MessageId.Extended:
                    message.ReadExtended(out _);
                    break;
                default:
                    message.ReadEmpty();
                    break;
            }
        }

        reader.NextLength.ShouldBeLessThanOrEqualTo(WireLimits.MaxMessageLength + WireLimits.PrefixLength);
    }

    private static void OnlyWireException(Action parse)
    {
        try
        {
            parse();
        }
        catch (WireException)
        {
            // What every codec of the room is documented to throw.
        }
    }
}
