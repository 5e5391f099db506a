using System.Buffers.Binary;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Selection;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Wire;
using Pier.TestKit;
using Pier.TestKit.Time;
using Pier.UnitTests.BitTorrent.Hostile;
using Pier.UnitTests.BitTorrent.Storage;

namespace Pier.UnitTests.BitTorrent.Swarms;

/// <summary>
/// Readers who jump get the blocks that they read, proved by their own hashes, and not whole pieces. The reader's clock is moved
/// by hand: however slow the machine is, nobody is given up for being late.
/// </summary>
public sealed class SpotReadTests
{
    private const ReservedBits Reserved = ReservedBits.Fast | ReservedBits.Extensions | ReservedBits.V2;
    private const int Block = 16 * 1024;
    private const int Length = (20 << 20) + 1000;

    private static readonly byte[] Bytes = Engines.RandomBytes(Length);

    private readonly ManualTimeProvider _clock = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Only_the_blocks_that_are_read_travel(bool knowsLayers)
    {
        await using var engines = new Engines();
        var (metainfo, _, swarm) = await StartAsync(engines, knowsLayers);
        var seeder = await engines.StartAsync();
        var seeding = await engines.SeedAsync(seeder, metainfo, Bytes);
        await swarm.AddPeersAsync([seeder.ListenEndPoint], Token);
        await UntilConnectedAsync(swarm);
        await using var reader = swarm.OpenReader(metainfo, 0);

        // In one block, over the edge of two, over the edge of two pieces (256 KiB), and at the end, which is shorter.
        foreach (var (offset, length) in new[] { (9_000_000, 4096), (3 * Block - 100 + (6 << 20), 4096), ((16 << 20) - 10, 20), (Length - 500, 500), (0, 100) })
        {
            (await ReadAsync(reader, offset, length)).ShouldBe(Bytes[offset..(offset + length)]);
        }

        // Seven blocks, of which the last of the file is shorter.
        const int least = 6 * Block + 1000;
        await UntilAsync(() => swarm.Statistics.Downloaded >= least && seeding.Statistics.Uploaded >= least, "it is counted");
        swarm.Statistics.PiecesHave.ShouldBeLessThanOrEqualTo(1, "the last, which is no longer than a block");
        seeding.Statistics.Uploaded.ShouldBeLessThanOrEqualTo(7 * Block);

        // What is read in order is fetched ahead.
        for (var offset = 12 << 20; offset < 14 << 20; offset += 64 * 1024)
        {
            (await ReadAsync(reader, offset, 64 * 1024)).AsSpan().SequenceEqual(Bytes.AsSpan(offset, 64 * 1024)).ShouldBeTrue();
        }

        await UntilAsync(() => swarm.Statistics.PiecesHave >= 8, "pieces are there");
        swarm.Statistics.Bans.ShouldBe(0);
    }

    [Fact]
    public async Task Who_reads_much_of_a_piece_gets_it_whole()
    {
        await using var engines = new Engines();
        var (metainfo, _, swarm) = await StartAsync(engines, knowsLayers: true);
        var seeder = await engines.StartAsync();
        await engines.SeedAsync(seeder, metainfo, Bytes);
        await swarm.AddPeersAsync([seeder.ListenEndPoint], Token);
        await UntilConnectedAsync(swarm);
        await using var reader = swarm.OpenReader(metainfo, 0);

        // Back and forth, so that each is a jump.
        for (var turn = 0; turn < 8; turn++)
        {
            foreach (var start in new[] { 0, 10 << 20 })
            {
                (await ReadAsync(reader, start + turn * Block, 100)).ShouldBe(Bytes[(start + turn * Block)..(start + turn * Block + 100)]);
            }
        }

        await UntilAsync(() => swarm.Statistics.PiecesHave >= 2, "both pieces are here");
        swarm.Statistics.PiecesHave.ShouldBe(2);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_lies_is_banned_and_another_asked(bool aboutHashes)
    {
        await using var engines = new Engines();
        var (metainfo, leecher, swarm) = await StartAsync(engines, knowsLayers: true);
        var seeder = await engines.StartAsync();
        await engines.SeedAsync(seeder, metainfo, Bytes);
        using var liar = await FakePeer.MeetAsync(leecher.ListenEndPoint, metainfo.Id.Primary, Token, Reserved);
        await liar.OfferAllAsync(Token);
        await UntilConnectedAsync(swarm);
        await using var reader = swarm.OpenReader(metainfo, 0);
        var reading = ReadAsync(reader, 5_000_000, 100);

        var hashes = await liar.ExpectAsync(MessageId.HashRequest, Token).WaitAsync(Engines.Deadline, Token);
        var asked = await liar.ExpectAsync(MessageId.Request, Token).WaitAsync(Engines.Deadline, Token);
        if (aboutHashes)
        {
            var count = BinaryPrimitives.ReadInt32BigEndian(hashes.AsSpan(40));
            await liar.SendAsync(writer => writer.Raw(MessageId.Hashes, [.. hashes, .. new byte[(count + 3) * 32]]), Token);
        }
        else
        {
            using var truthful = await FakePeer.MeetAsync(seeder.ListenEndPoint, metainfo.Id.Primary, Token, Reserved);
            await truthful.SendAsync(writer => writer.Raw(MessageId.HashRequest, hashes), Token);
            var answer = await truthful.ExpectAsync(MessageId.Hashes, Token).WaitAsync(Engines.Deadline, Token);
            await liar.SendAsync(
                writer =>
                {
                    writer.Raw(MessageId.Hashes, answer);
                    Misbehaviours.Piece(writer, BinaryPrimitives.ReadInt32BigEndian(asked), BinaryPrimitives.ReadInt32BigEndian(asked.AsSpan(4)), new byte[Block]);
                },
                Token);
        }

        await liar.ExpectHangUpAsync(Token).WaitAsync(Engines.Deadline, Token);
        reading.IsCompleted.ShouldBeFalse();
        await swarm.AddPeersAsync([seeder.ListenEndPoint], Token);
        (await reading.WaitAsync(Engines.Deadline, Token)).ShouldBe(Bytes[5_000_000..5_000_100]);
        await UntilAsync(() => swarm.Statistics.Bans == 1, "the liar is banned");
    }

    [Fact]
    public async Task Who_tells_no_hashes_sends_the_piece()
    {
        await using var engines = new Engines();
        var (metainfo, leecher, swarm) = await StartAsync(engines, knowsLayers: true);
        using var refuser = await FakePeer.MeetAsync(leecher.ListenEndPoint, metainfo.Id.Primary, Token, Reserved);
        await refuser.OfferAllAsync(Token);
        await UntilConnectedAsync(swarm);
        await using var reader = swarm.OpenReader(metainfo, 0);
        var reading = ReadAsync(reader, 5_000_000, 100);

        var hashes = await refuser.ExpectAsync(MessageId.HashRequest, Token).WaitAsync(Engines.Deadline, Token);
        await refuser.SendAsync(writer => writer.Raw(MessageId.HashReject, hashes), Token);
        var pieceLength = metainfo.PieceLength;
        while (!reading.IsCompleted)
        {
            var asking = refuser.ExpectAsync(MessageId.Request, Token);
            if (await Task.WhenAny(asking, reading).WaitAsync(Engines.Deadline, Token) == asking)
            {
                var asked = await asking;
                var (piece, offset) = (BinaryPrimitives.ReadInt32BigEndian(asked), BinaryPrimitives.ReadInt32BigEndian(asked.AsSpan(4)));
                await refuser.SendAsync(writer => Misbehaviours.Piece(writer, piece, offset, Bytes[(piece * pieceLength + offset)..(piece * pieceLength + offset + Block)]), Token);
            }
        }

        (await reading).ShouldBe(Bytes[5_000_000..5_000_100]);
        await UntilAsync(() => swarm.Statistics.PiecesHave > 0, "it is here");
        swarm.Statistics.PiecesHave.ShouldBe(1, "and no more than that");
    }

    [Fact]
    public async Task Who_reads_before_a_peer_tells_its_pieces_waits_for_it_and_who_is_given_up_is_told_so()
    {
        await using var engines = new Engines();
        var (metainfo, leecher, swarm) = await StartAsync(engines, knowsLayers: true);
        using var slow = await FakePeer.MeetAsync(leecher.ListenEndPoint, metainfo.Id.Primary, Token, Reserved);
        await UntilAsync(() => swarm.Statistics.Peers.Count == 1, "it is connected");
        await using var reader = swarm.OpenReader(metainfo, 0);
        var reading = ReadAsync(reader, 5_000_000, 100);
        var start = _clock.GetUtcNow();
        await UntilAsync(() => _clock.GetUtcNow() - start > TimeSpan.FromSeconds(3), "some seconds pass");

        await slow.OfferAllAsync(Token);
        await slow.ExpectAsync(MessageId.HashRequest, Token).WaitAsync(Engines.Deadline, Token);
        var asked = await slow.ExpectAsync(MessageId.Request, Token).WaitAsync(Engines.Deadline, Token);

        var cancel = slow.ExpectAsync(MessageId.Cancel, Token);
        await UntilAsync(() => cancel.IsCompleted, "it is told that nobody waits any more");
        (await cancel).ShouldBe(asked);
        reading.IsCompleted.ShouldBeFalse();
    }

    private async Task<(Metainfo Metainfo, BitTorrentEngine Leecher, Swarm Swarm)> StartAsync(Engines engines, bool knowsLayers)
    {
        var metainfo = Engines.BlobOf(Bytes);
        var leecher = await engines.StartAsync(time: _clock);
        var known = knowsLayers ? metainfo : Metainfo.ParseInfo(metainfo.Info, MetainfoEnvelope.Empty, MetainfoLimits.Default);
        var swarm = await leecher.AddAsync(SwarmSpec.For(known, Engines.Holding(MemoryStorage.Empty(Length))) with { Files = FileChoice.None }, Token);
        await swarm.Completion.WaitAsync(Engines.Deadline, Token);
        return (metainfo, leecher, swarm);
    }

    // Who asks before the pieces are told waits for them.
    private Task UntilConnectedAsync(Swarm swarm) => UntilAsync(() => swarm.Statistics.Peers is [{ Pieces: > 0 }], "it is connected, and has told its pieces");

    /// <summary>Moves the clock on, about as fast as any, since what is counted is told once a second.</summary>
    private async Task UntilAsync(Func<bool> condition, string what) => await Eventually.TrueAsync(
        () =>
        {
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            return condition();
        },
        what,
        Engines.Deadline,
        Token);

    private static async Task<byte[]> ReadAsync(SwarmReader reader, long offset, int length)
    {
        var bytes = new byte[length];
        for (var done = 0; done < length;)
        {
            done += await reader.ReadAtAsync(offset + done, bytes.AsMemory(done), Token).AsTask().WaitAsync(Engines.Deadline, Token);
        }

        return bytes;
    }
}
