using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Swarms;
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
        for (var attempt = 1; attempt <= 5; attempt++)
        {
            using var hostile = await FakePeer.MeetAsync(scene.Victim.ListenEndPoint, scene.Metainfo.Id.Primary, Token, self: self);
            await hostile.SendAsync(writer => writer.PieceIndex(MessageId.Have, 99), Token);
            await hostile.ExpectHangUpAsync(Token).WaitAsync(Engines.Deadline, Token);
        }

        await scene.UntilAsync(now => now.Bans == 1, "the peer is banned");
        var ban = scene.Now.RecentBans.ShouldHaveSingleItem();
        ban.Reason.ShouldContain("again and again");
        scene.Victim.Totals.Bans.ShouldBe(1);
        scene.Victim.Totals.Violations.ShouldBe(5);
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
}
