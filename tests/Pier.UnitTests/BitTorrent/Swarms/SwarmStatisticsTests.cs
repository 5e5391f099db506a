using System.Buffers.Binary;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Swarms.Meeting;
using Pier.BitTorrent.Wire;
using Pier.TestKit;
using Pier.TestKit.Time;
using Pier.UnitTests.BitTorrent.Hostile;
using Pier.UnitTests.BitTorrent.Storage;

namespace Pier.UnitTests.BitTorrent.Swarms;

/// <summary>What a swarm tells of itself and its peers, and that telling costs nothing while nobody is connected.</summary>
public sealed class SwarmStatisticsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Peers_sources_pieces_and_bans_are_told()
    {
        await using var scene = await HostileScene.StartAsync();
        var self = PeerId.Create();
        using var peer = await FakePeer.MeetAsync(scene.Victim.ListenEndPoint, scene.Metainfo.Id.Primary, Token, self: self);
        await peer.SendAsync(
            writer =>
            {
                writer.Extended(0, "d1:v4:Fakee"u8);
                writer.Bitfield([0b1100_0000]);
                writer.Empty(MessageId.Interested);
                writer.Empty(MessageId.Unchoke);
            },
            Token);
        await scene.UntilAsync(now => now.Peers is [{ Pieces: 2, Requested: > 0 }], "the peer is described");
        var told = scene.Now.Peers[0];
        told.Client.ShouldBe("Fake");
        told.Source.ShouldBe(PeerSource.Incoming);
        told.IsInterested.ShouldBeTrue();
        told.Interested.ShouldBeTrue();
        told.Choking.ShouldBeFalse();
        told.Choked.ShouldBeFalse();
        told.IsUploadOnly.ShouldBeFalse();

        await scene.GoodPeerFinishesAsync();
        scene.Swarm.PieceMap().ShouldBe([0b1110_0000]);
        await scene.UntilAsync(now => now.Sources.GetValueOrDefault(PeerSource.Told) == 1, "the good peer was told of");
        scene.Victim.Totals.Downloaded.ShouldBeGreaterThanOrEqualTo(scene.Bytes.Length);
        var before = scene.Victim.Totals;
        await scene.Victim.RemoveAsync(scene.Swarm);
        scene.Victim.Totals.Downloaded.ShouldBeGreaterThanOrEqualTo(before.Downloaded);
    }

    [Fact]
    public async Task A_ban_is_told_with_its_reason()
    {
        await using var scene = await HostileScene.StartAsync();
        var self = PeerId.Create();
        for (var attempt = 0; attempt < 10_000 && scene.Now.Bans == 0; attempt++)
        {
            await OffendAsync(scene, self);
        }

        await scene.UntilAsync(now => now.Bans == 1, "the peer is banned");
        var ban = scene.Now.RecentBans.ShouldHaveSingleItem();
        ban.Reason.ShouldContain("again and again");
        scene.Victim.Totals.Bans.ShouldBe(1);
        // A connection may have been taken while the one before was still being counted: what was done over it counts, too.
        scene.Victim.Totals.Violations.ShouldBeGreaterThanOrEqualTo(5);
    }

    [Fact]
    public async Task Every_byte_that_came_is_in_a_piece_or_wasted_and_the_peers_make_up_the_torrent()
    {
        await using var scene = await HostileScene.StartAsync();
        using (var liar = await FullPeerAsync(scene))
        {
            // It lies about piece 0 alone, each block of it twice.
            await ServeAsync(liar, block => block.Piece == 0 ? [new byte[block.Length], new byte[block.Length]] : []);
        }

        await scene.UntilAsync(now => now.HashFailures == 1, "its piece has failed");
        using (var quitter = await FullPeerAsync(scene))
        {
            // It begins piece 0, which one peer alone must send now, and leaves.
            var serving = ServeAsync(quitter, block => block.Piece != 0 || block.Offset == 0 ? [Right(block)] : []);
            await scene.UntilAsync(now => now.Peers is [{ Traffic.Downloaded: 600_000 - (256 << 10) + (16 << 10) }], "its blocks have come");
            quitter.Dispose();
            await serving;
        }

        await scene.GoodPeerFinishesAsync();
        await scene.UntilAsync(now => now.State == SwarmState.Seeding && now.Peers.Count == 0, "all have left");

        var now = scene.Now;
        now.Failed.ShouldBe(256 << 10);
        now.Unrequested.ShouldBeGreaterThanOrEqualTo(15 * (16 << 10));
        now.Dropped.ShouldBe(16 << 10);
        now.Downloaded.ShouldBe(scene.Bytes.Length + now.Duplicate + now.Unrequested + now.Failed + now.Dropped);
        now.HaveBytes.ShouldBe(scene.Bytes.Length);
        now.Gone.ShouldBe(new PeerTraffic(now.Downloaded, now.Uploaded, now.Duplicate, now.Unrequested));
        scene.Victim.Totals.Dropped.ShouldBe(now.Dropped);

        byte[] Right(BlockRange block) => scene.Bytes.AsSpan((block.Piece * (256 << 10)) + block.Offset, block.Length).ToArray();
    }

    [Fact]
    public async Task Of_connected_peers_each_is_counted_once()
    {
        await using var scene = await HostileScene.StartAsync();
        using var peer = await FullPeerAsync(scene);
        using var other = await FullPeerAsync(scene);
        var block = new byte[100];
        foreach (var sender in new[] { peer, other, peer })
        {
            await sender.SendAsync(writer => writer.Raw(MessageId.Piece, [0, 0, 0, 0, 0, 0, 0, 1, .. block]), Token);
        }

        await scene.UntilAsync(now => now.Downloaded == 300, "all three came");
        scene.Now.Peers.Select(told => told.Traffic.Downloaded).Order().ShouldBe([100, 200]);
        scene.Now.Unrequested.ShouldBe(300);
        scene.Now.Gone.ShouldBe(default);
    }

    [Fact]
    public async Task An_idle_torrent_keeps_its_last_snapshot()
    {
        await using var engines = new Engines();
        var clock = new ManualTimeProvider();
        var bytes = Engines.RandomBytes(1000);
        var engine = await engines.StartAsync(time: clock);
        var swarm = await engines.SeedAsync(engine, Engines.BlobOf(bytes), bytes);
        await Eventually.TrueAsync(() => swarm.Statistics.State == SwarmState.Seeding, "it is seeded", Engines.Deadline, Token);
        var snapshot = swarm.Statistics;
        clock.Advance(TimeSpan.FromSeconds(1));
        clock.Advance(TimeSpan.FromSeconds(1));
        using var peer = await FakePeer.MeetAsync(engine.ListenEndPoint, swarm.Id.Primary, Token);
        await peer.ExpectAsync(MessageId.HaveAll, Token).WaitAsync(Engines.Deadline, Token);
        // Only the loop says what we have: it has passed both ticks.
        swarm.Statistics.ShouldBeSameAs(snapshot);
        await Eventually.TrueAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                return swarm.Statistics.Peers.Count == 1;
            },
            "somebody is connected",
            Engines.Deadline,
            Token);
    }

    /// <summary>Breaks the protocol once; or finds nobody to break it with, when the last time is not over yet, or the peer is banned.</summary>
    private static async Task OffendAsync(HostileScene scene, PeerId self)
    {
        try
        {
            using var hostile = await FakePeer.MeetAsync(scene.Victim.ListenEndPoint, scene.Metainfo.Id.Primary, Token, self: self);
            await hostile.SendAsync(writer => writer.PieceIndex(MessageId.Have, 99), Token);
            await hostile.ExpectHangUpAsync(Token).WaitAsync(Engines.Deadline, Token);
        }
        catch (IOException)
        {
            // It was hung up on at once.
        }
    }

    private static async Task<FakePeer> FullPeerAsync(HostileScene scene)
    {
        var peer = await scene.MeetAsync();
        await peer.OfferAllAsync(Token);
        return peer;
    }

    /// <summary>Answers each request with blocks of these bytes, until one of both hangs up.</summary>
    private static async Task ServeAsync(FakePeer peer, Func<BlockRange, byte[][]> answer)
    {
        try
        {
            while (true)
            {
                var block = Block(await peer.ExpectAsync(MessageId.Request, Token).WaitAsync(Engines.Deadline, Token));
                foreach (var copy in answer(block))
                {
                    var header = new byte[WireLimits.PieceHeaderLength];
                    WireWriter.PieceHeader(header, block);
                    await peer.SendAsync((byte[])[.. header, .. copy], Token);
                }
            }
        }
        catch (Exception end) when (end is IOException or ObjectDisposedException)
        {
            // It was hung up on, or hung up itself.
        }
    }

    private static BlockRange Block(byte[] request) => new(
        BinaryPrimitives.ReadInt32BigEndian(request), BinaryPrimitives.ReadInt32BigEndian(request.AsSpan(4)), BinaryPrimitives.ReadInt32BigEndian(request.AsSpan(8)));
}
