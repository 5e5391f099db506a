using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Transports;
using Pier.BitTorrent.Wire;
using Pier.TestKit;
using Pier.TestKit.Time;
using Pier.UnitTests.BitTorrent.Swarms;

namespace Pier.UnitTests.BitTorrent.Hostile;

/// <summary>Peers that break no rule and are of no use: they cost little, hold no place that others need, and stop nobody.</summary>
public sealed class IdlePeerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Blocks_that_nobody_asked_for_are_counted_and_go_nowhere()
    {
        await using var scene = await HostileScene.StartAsync();
        using var hostile = await scene.MeetAsync();
        await hostile.SendAsync(
            writer =>
            {
                Misbehaviours.Piece(writer, 0, 0, new byte[16384]);
                Misbehaviours.Piece(writer, 1, 5, new byte[16384]);
                Misbehaviours.Piece(writer, 2, 0, new byte[100]);
            },
            Token);
        await scene.UntilAsync(now => now.Unrequested == 2 * 16384 + 100, "the blocks are counted");
        await scene.GoodPeerFinishesAsync();
        scene.Now.HashFailures.ShouldBe(0);
    }

    [Fact]
    public async Task A_block_at_another_offset_than_asked_for_is_not_taken_for_it()
    {
        await using var scene = await HostileScene.StartAsync();
        using var hostile = await OfferAsync(scene);
        var asked = await hostile.ExpectAsync(MessageId.Request, Token).WaitAsync(Engines.Deadline, Token);
        var (piece, offset) = (BinaryPrimitives.ReadInt32BigEndian(asked), BinaryPrimitives.ReadInt32BigEndian(asked.AsSpan(4)));
        await hostile.SendAsync(writer => Misbehaviours.Piece(writer, piece, offset + 1, new byte[16384]), Token);
        await scene.UntilAsync(now => now.Unrequested == 16384, "the block is counted");
        await scene.GoodPeerFinishesAsync();
        scene.Now.HashFailures.ShouldBe(0);
    }

    [Fact]
    public async Task Who_only_sends_keep_alives_is_pushed_out_by_a_peer_of_higher_priority()
    {
        var options = Engines.Options with { MaxConnectionsPerSwarm = 1 };
        await using var scene = await HostileScene.StartAsync(options);
        using var idle = await scene.MeetAsync();
        await idle.SendAsync(writer => writer.KeepAlive(), Token);
        await scene.UntilAsync(now => now.Peers.Count == 1, "the idle peer is connected");
        for (var attempt = 0; attempt < 2000; attempt++)
        {
            // On one address the priority is that of the ports.
            using var other = await scene.MeetAsync();
            if (Rank(scene, other) > Rank(scene, idle))
            {
                await idle.ExpectHangUpAsync(Token).WaitAsync(Engines.Deadline, Token);
                await scene.UntilAsync(now => now.Peers is [{ EndPoint: var stayed }] && stayed.Equals(other.LocalEndPoint), "the other stays");
                return;
            }

            await other.ExpectHangUpAsync(Token).WaitAsync(Engines.Deadline, Token);
        }

        Assert.Fail("2000 ports, and none of higher priority");
    }

    [Fact]
    public async Task Who_drips_a_message_byte_by_byte_is_as_good_as_silent()
    {
        var clock = new ManualTimeProvider();
        await using var scene = await HostileScene.StartAsync(time: clock);
        using var hostile = await scene.MeetAsync();
        await hostile.SendAsync(Convert.FromHexString("00004000"), Token);
        await scene.UntilAsync(
            _ =>
            {
                clock.Advance(TimeSpan.FromSeconds(10));
                hostile.Drip(20);
                return scene.Logged("it was silent for");
            },
            "the dripping peer is hung up on");
    }

    [Fact]
    public async Task Who_hangs_up_at_once_each_time_is_left_alone_for_longer_each_time()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var clock = new ManualTimeProvider();
        var calls = new StampedCalls(clock);
        await using var scene = await HostileScene.StartAsync(time: clock, transport: calls);
        var hostile = AnswerAsync(listener, scene.Metainfo.Id.Primary);
        await scene.Swarm.AddPeersAsync([(IPEndPoint)listener.LocalEndpoint], Token);
        await scene.UntilAsync(
            _ =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                return calls.Times.Count >= 4;
            },
            "it was called four times");
        listener.Stop();
        await hostile;
        var times = calls.Times.ToArray();
        (times[3] - times[2]).ShouldBeGreaterThan(TimeSpan.FromSeconds(15));
        await scene.GoodPeerFinishesAsync();
    }

    [Fact]
    public async Task Who_answers_for_another_torrent_is_not_talked_to()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using var scene = await HostileScene.StartAsync();
        var hostile = AnswerAsync(listener, InfoHash.OfInfo("another torrent"u8));
        await scene.Swarm.AddPeersAsync([(IPEndPoint)listener.LocalEndpoint], Token);

        await scene.UntilAsync(_ => scene.Logged("the peer answered for torrent"), "its handshake is refused");

        listener.Stop();
        await hostile;
        scene.Now.Peers.ShouldBeEmpty();
        await scene.GoodPeerFinishesAsync();
    }

    [Fact]
    public async Task One_peer_by_two_addresses_is_one_peer()
    {
        await using var scene = await HostileScene.StartAsync();
        var self = PeerId.Create();
        using var first = await FakePeer.MeetAsync(scene.Victim.ListenEndPoint, scene.Metainfo.Id.Primary, Token, self: self);
        await scene.UntilAsync(now => now.Peers.Count == 1, "it is connected");
        using var second = await FakePeer.MeetAsync(
            scene.Victim.ListenEndPoint, scene.Metainfo.Id.Primary, Token, self: self, from: IPAddress.Parse("127.0.0.2"));
        await second.ExpectHangUpAsync(Token).WaitAsync(Engines.Deadline, Token);
        scene.Now.Peers.Count.ShouldBe(1);
        await scene.GoodPeerFinishesAsync();
    }

    [Fact]
    public async Task Many_pieces_claimed_and_none_sent_stop_nobody()
    {
        await using var scene = await HostileScene.StartAsync(Engines.Options with { MaxPipeline = 8 });
        using var first = await OfferAsync(scene);
        using var second = await OfferAsync(scene);
        await second.ExpectAsync(MessageId.Request, Token).WaitAsync(Engines.Deadline, Token);
        await scene.GoodPeerFinishesAsync();
    }

    private static uint Rank(HostileScene scene, FakePeer peer) => PeerPriority.Of(scene.Victim.ListenEndPoint, peer.LocalEndPoint);

    private static async Task<FakePeer> OfferAsync(HostileScene scene)
    {
        var peer = await scene.MeetAsync();
        await peer.OfferAllAsync(Token);
        return peer;
    }

    private static async Task AnswerAsync(TcpListener listener, InfoHash infoHash)
    {
        try
        {
            while (true)
            {
                using var caller = await listener.AcceptSocketAsync(Token);
                var handshake = new byte[Handshake.Size];
                new Handshake(ReservedBits.Fast, infoHash, PeerId.Create()).CopyTo(handshake);
                await caller.SendAsync(handshake, Token);
                await caller.ReceiveAsync(handshake, Token);
            }
        }
        catch (Exception stopped) when (stopped is SocketException or InvalidOperationException or OperationCanceledException)
        {
            // The test has seen enough.
        }
    }

    /// <summary>Notes when the engine calls, however late whoever is called notices.</summary>
    private sealed class StampedCalls(TimeProvider clock) : IPeerTransport
    {
        public ConcurrentQueue<DateTimeOffset> Times { get; } = new();

        public ValueTask<Stream> ConnectAsync(IPEndPoint endPoint, CancellationToken cancellationToken)
        {
            Times.Enqueue(clock.GetUtcNow());
            return TcpPeerTransport.Instance.ConnectAsync(endPoint, cancellationToken);
        }

        public IPeerAcceptor Listen(IPEndPoint endPoint) => TcpPeerTransport.Instance.Listen(endPoint);
    }
}
