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

    private readonly HashSet<MessageId> _kinds = [];
    private int _read;
    private int _refused;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Streams_of_messages(int seed)
    {
        var mutator = new WireMutator(seed);
        for (var round = 0; round < Rounds; round++)
        {
            var stream = mutator.Next();
            MemoryBound.Hold(() => Count(() => ReadAll(stream)), stream.Length);
        }

        ExpectBoth(Rounds);
        _kinds.ShouldBe(Enum.GetValues<MessageId>(), ignoreOrder: true, "messages of every kind are read");
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
            MemoryBound.Hold(() => Count(() => ExtensionHandshake.Parse(bent)), bent.Length);
            var other = mutator.Mutate(metadata);
            MemoryBound.Hold(() => Count(() => MetadataMessage.Parse(other, out _)), other.Length);
        }

        ExpectBoth(Rounds);
    }

    private void ReadAll(ReadOnlySpan<byte> stream)
    {
        var reader = new WireReader(stream);
        while (reader.TryRead(out var message))
        {
            switch (message.Id)
            {
                case MessageId.Have or MessageId.SuggestPiece or MessageId.AllowedFast:
                    message.ReadPieceIndex(16).ShouldBeInRange(0, 15);
                    break;
                case MessageId.Request or MessageId.Cancel or MessageId.RejectRequest:
                    message.ReadBlock(16).Length.ShouldBeInRange(1, WireLimits.MaxBlockLength);
                    break;
                case MessageId.Piece:
                    message.ReadPiece(16, out _);
                    break;
                case MessageId.Bitfield:
                    Bitfield.Parse(message.Payload, 16).Count.ShouldBeInRange(0, 16);
                    break;
                case MessageId.Port:
                    message.ReadPort();
                    break;
                case MessageId.HashRequest or MessageId.Hashes or MessageId.HashReject:
                    HashRequest.Parse(message.Payload);
                    break;
                case MessageId.Extended:
                    message.ReadExtended(out _);
                    break;
                default:
                    message.ReadEmpty();
                    break;
            }

            if (Enum.IsDefined(message.Id))
            {
                _kinds.Add(message.Id);
            }
        }

        reader.NextLength.ShouldBeLessThanOrEqualTo(WireLimits.MaxMessageLength + WireLimits.PrefixLength);
    }

    private void Count(Action parse)
    {
        try
        {
            parse();
            _read++;
        }
        catch (WireException)
        {
            // What every codec of the room is documented to throw.
            _refused++;
        }
    }

    private void ExpectBoth(int rounds)
    {
        _read.ShouldBeGreaterThan(rounds / 20);
        _refused.ShouldBeGreaterThan(rounds / 20);
    }
}
