using System.Buffers.Binary;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Wire;
using Pier.TestKit;
using Pier.UnitTests.BitTorrent.Storage;
using Pier.UnitTests.BitTorrent.Swarms;

namespace Pier.UnitTests.BitTorrent.Hostile;

/// <summary>
/// Pieces that fail their hash while somebody can tell the hashes of their blocks (BEP 52): the good blocks stay, only the bad
/// ones are fetched again, and exactly the liar is banned.
/// </summary>
public sealed class BlockLiarTests
{
    private const ReservedBits Reserved = ReservedBits.Fast | ReservedBits.Extensions | ReservedBits.V2;
    private const int Block = 16 * 1024;
    private const int Length = 256 * 1024;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Only_the_bad_blocks_are_fetched_again(bool knowsLayers)
    {
        await using var engines = new Engines();
        var bytes = Engines.RandomBytes(3 * Length + 1000);
        var metainfo = Engines.BlobOf(bytes);
        var leecher = await engines.StartAsync(Engines.Options with { MaxPipeline = 4 });
        var storage = MemoryStorage.Empty(bytes.Length);
        var spec = SwarmSpec.For(knowsLayers ? metainfo : Metainfo.ParseInfo(metainfo.Info, MetainfoEnvelope.Empty, MetainfoLimits.Default), Engines.Holding(storage));
        var swarm = await leecher.AddAsync(spec, Token);
        using var liar = await OfferAsync(leecher, metainfo);
        for (var lie = 0; lie < 2; lie++)
        {
            await AnswerAsync(liar, new byte[Block]);
        }

        // Gone before the piece is whole, so that the blocks it still owes are asked of the other.
        liar.Dispose();
        var seeder = await engines.StartAsync();
        await engines.SeedAsync(seeder, metainfo, bytes);
        await swarm.AddPeersAsync([seeder.ListenEndPoint], Token);
        await swarm.Completion.WaitAsync(Engines.Deadline, Token);

        storage.Bytes.ShouldBe(bytes);
        await Eventually.TrueAsync(() => swarm.Statistics.Bans == 1, "the liar is banned", Engines.Deadline, Token);
        swarm.Statistics.HashFailures.ShouldBe(1);
        swarm.Statistics.Failed.ShouldBe(2 * Block);
        swarm.Statistics.Downloaded.ShouldBe(bytes.Length + 2 * Block + swarm.Statistics.Duplicate + swarm.Statistics.Unrequested);
    }

    [Fact]
    public async Task A_seed_with_rotten_blocks_is_found_among_good_ones()
    {
        await using var engines = new Engines();
        var bytes = Engines.RandomBytes(8 << 20);
        var metainfo = Engines.BlobOf(bytes);
        var leecher = await engines.StartAsync();
        var storage = MemoryStorage.Empty(bytes.Length);
        var rotten = await engines.StartAsync();
        await rotten.AddAsync(
            SwarmSpec.For(metainfo, (_, _) => ValueTask.FromResult<Pier.BitTorrent.Storage.ITorrentStorage>(new RottenStorage(bytes, block => block % 16 == 3))), Token);
        var good = await engines.StartAsync();
        await engines.SeedAsync(good, metainfo, bytes);

        // Slow enough that both are there for most of the time.
        var swarm = await leecher.AddAsync(
            SwarmSpec.For(metainfo, Engines.Holding(storage)) with { Peers = [good.ListenEndPoint], Limits = new TransferLimits(Down: 3 << 20) }, Token);
        await Eventually.TrueAsync(() => swarm.Statistics.Peers is [{ Pieces: > 0 }], "the good one is connected", Engines.Deadline, Token);
        await swarm.AddPeersAsync([rotten.ListenEndPoint], Token);
        await swarm.Completion.WaitAsync(Engines.Deadline, Token);

        storage.Bytes.ShouldBe(bytes);
        await Eventually.TrueAsync(() => swarm.Statistics.Bans == 1, "the rotten one is banned", Engines.Deadline, Token);
        swarm.Statistics.HashFailures.ShouldBeGreaterThan(0);
        swarm.Statistics.Failed.ShouldBeLessThan(swarm.Statistics.HashFailures * (long)Length);
    }

    [Fact]
    public async Task Hashes_that_prove_nothing_are_a_lie_and_their_sender_is_banned()
    {
        await using var engines = new Engines();
        var bytes = Engines.RandomBytes(Length);
        var metainfo = Engines.BlobOf(bytes);
        var leecher = await engines.StartAsync();
        var storage = MemoryStorage.Empty(bytes.Length);
        var swarm = await leecher.AddAsync(SwarmSpec.For(metainfo, Engines.Holding(storage)), Token);
        using var liar = await OfferAsync(leecher, metainfo);
        using var liarOfHashes = await FakePeer.MeetAsync(leecher.ListenEndPoint, metainfo.Id.Primary, Token, Reserved);
        await liarOfHashes.SendAsync(writer => writer.Empty(MessageId.HaveAll), Token);
        await Eventually.TrueAsync(() => swarm.Statistics.Peers.Count == 2, "both are connected", Engines.Deadline, Token);
        for (var lie = 0; lie < Length / Block; lie++)
        {
            await AnswerAsync(liar, new byte[Block]);
        }

        var asked = await liarOfHashes.ExpectAsync(MessageId.HashRequest, Token).WaitAsync(Engines.Deadline, Token);
        await liarOfHashes.SendAsync(writer => writer.Raw(MessageId.Hashes, [.. asked, .. new byte[16 * 32]]), Token);
        await liarOfHashes.ExpectHangUpAsync(Token).WaitAsync(Engines.Deadline, Token);
        await Eventually.TrueAsync(() => swarm.Statistics.Bans == 2, "both are banned", Engines.Deadline, Token);

        var seeder = await engines.StartAsync();
        await engines.SeedAsync(seeder, metainfo, bytes);
        await swarm.AddPeersAsync([seeder.ListenEndPoint], Token);
        await swarm.Completion.WaitAsync(Engines.Deadline, Token);
        storage.Bytes.ShouldBe(bytes);
    }

    [Theory]
    [InlineData("ffffffff05")]
    [InlineData("00000005040000ffff")]
    public async Task A_block_before_a_breach_is_neither_lost_nor_asked_for_again(string breach)
    {
        await using var engines = new Engines();
        var bytes = Engines.RandomBytes(Length);
        var metainfo = Engines.BlobOf(bytes);
        var leecher = await engines.StartAsync();
        var storage = MemoryStorage.Empty(bytes.Length);
        var swarm = await leecher.AddAsync(SwarmSpec.For(metainfo, Engines.Holding(storage)), Token);
        using var hostile = await OfferAsync(leecher, metainfo);
        var asked = await hostile.ExpectAsync(MessageId.Request, Token).WaitAsync(Engines.Deadline, Token);
        var offset = BinaryPrimitives.ReadInt32BigEndian(asked.AsSpan(4));
        var block = new System.Buffers.ArrayBufferWriter<byte>();
        Misbehaviours.Piece(new WireWriter(block), 0, offset, bytes[offset..(offset + Block)]);
        await hostile.SendAsync((byte[])[.. block.WrittenSpan, .. Convert.FromHexString(breach)], Token);
        await hostile.ExpectHangUpAsync(Token).WaitAsync(Engines.Deadline, Token);

        var seeder = await engines.StartAsync();
        await engines.SeedAsync(seeder, metainfo, bytes);
        await swarm.AddPeersAsync([seeder.ListenEndPoint], Token);
        await swarm.Completion.WaitAsync(Engines.Deadline, Token);
        storage.Bytes.ShouldBe(bytes);
        // On a machine that stood still for long, what was owed is asked for once more.
        swarm.Statistics.Downloaded.ShouldBeLessThanOrEqualTo(bytes.Length + swarm.Statistics.Duplicate + swarm.Statistics.Unrequested);
    }

    [Fact]
    public async Task Who_refuses_hashes_stops_nothing()
    {
        await using var engines = new Engines();
        var bytes = Engines.RandomBytes(Length);
        var metainfo = Engines.BlobOf(bytes);
        var leecher = await engines.StartAsync();
        var swarm = await leecher.AddAsync(SwarmSpec.For(metainfo, Engines.Holding(MemoryStorage.Empty(bytes.Length))), Token);
        using var liar = await OfferAsync(leecher, metainfo);
        using var refuser = await FakePeer.MeetAsync(leecher.ListenEndPoint, metainfo.Id.Primary, Token, Reserved);
        await refuser.SendAsync(writer => writer.Empty(MessageId.HaveAll), Token);
        await Eventually.TrueAsync(() => swarm.Statistics.Peers.Count == 2, "both are connected", Engines.Deadline, Token);
        for (var lie = 0; lie < Length / Block; lie++)
        {
            await AnswerAsync(liar, new byte[Block]);
        }

        var asked = await refuser.ExpectAsync(MessageId.HashRequest, Token).WaitAsync(Engines.Deadline, Token);
        await refuser.SendAsync(writer => writer.Raw(MessageId.HashReject, asked), Token);
        await Eventually.TrueAsync(() => swarm.Statistics.Failed == Length, "the piece is given up", Engines.Deadline, Token);
        await refuser.SendAsync(writer => writer.Empty(MessageId.Unchoke), Token);
        await refuser.ExpectAsync(MessageId.Request, Token).WaitAsync(Engines.Deadline, Token);
    }

    private static async Task<FakePeer> OfferAsync(BitTorrentEngine leecher, Metainfo metainfo)
    {
        var peer = await FakePeer.MeetAsync(leecher.ListenEndPoint, metainfo.Id.Primary, Token);
        await peer.OfferAllAsync(Token);
        return peer;
    }

    private static async Task AnswerAsync(FakePeer peer, byte[] data)
    {
        var asked = await peer.ExpectAsync(MessageId.Request, Token).WaitAsync(Engines.Deadline, Token);
        var (piece, offset) = (BinaryPrimitives.ReadInt32BigEndian(asked), BinaryPrimitives.ReadInt32BigEndian(asked.AsSpan(4)));
        await peer.SendAsync(writer => Misbehaviours.Piece(writer, piece, offset, data), Token);
    }
}
