using System.Net;
using Pier.BitTorrent.Wire;
using Pier.UnitTests.BitTorrent.Hostile;

namespace Pier.UnitTests.BitTorrent.Swarms;

/// <summary>What peers say of their pieces and aims after the first word: lost pieces (BEP 54), upload only (BEP 21), our address (BEP 10).</summary>
public sealed class PeerHoldingsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_peer_that_lost_what_we_want_is_no_longer_interesting()
    {
        await using var scene = await HostileScene.StartAsync();
        using var peer = await scene.MeetAsync();
        await peer.OfferAllAsync(Token);
        await peer.ExpectAsync(MessageId.Request, Token).WaitAsync(Engines.Deadline, Token);
        await peer.SendAsync(
            writer =>
            {
                for (byte piece = 0; piece < 3; piece++)
                {
                    writer.Extended(3, [0, 0, 0, piece]);
                }
            },
            Token);
        await peer.ExpectAsync(MessageId.NotInterested, Token).WaitAsync(Engines.Deadline, Token);
        await peer.SendAsync(writer => writer.PieceIndex(MessageId.Have, 1), Token);
        (await peer.ExpectAsync(MessageId.Request, Token).WaitAsync(Engines.Deadline, Token))[3].ShouldBe((byte)1);
        await scene.GoodPeerFinishesAsync();
    }

    /// <summary>So does aria2, in place of twenty haves or more.</summary>
    [Fact]
    public async Task A_peer_may_tell_of_more_pieces_with_another_bitfield()
    {
        await using var scene = await HostileScene.StartAsync();
        using var peer = await scene.MeetAsync();
        await peer.SendAsync(
            writer =>
            {
                writer.Bitfield([0x80]);
                writer.Block(MessageId.Request, new BlockRange(0, 0, 16384));
                writer.Bitfield([0xc0]);
                writer.Extended(3, [0, 0, 0, 0]);
                writer.Empty(MessageId.Unchoke);
            },
            Token);
        (await peer.ExpectAsync(MessageId.Request, Token).WaitAsync(Engines.Deadline, Token))[3].ShouldBe((byte)1);
        scene.Now.Violations.ShouldBe(0);
        await scene.GoodPeerFinishesAsync();
    }

    /// <summary>Peers that get a piece while they connect say so before the bitfield that has it.</summary>
    [Fact]
    public async Task A_have_may_come_before_the_bitfield()
    {
        await using var scene = await HostileScene.StartAsync();
        using var peer = await scene.MeetAsync();
        await peer.SendAsync(
            writer =>
            {
                writer.PieceIndex(MessageId.Have, 1);
                writer.Bitfield([0x40]);
                writer.Empty(MessageId.Unchoke);
            },
            Token);
        (await peer.ExpectAsync(MessageId.Request, Token).WaitAsync(Engines.Deadline, Token))[3].ShouldBe((byte)1);
        scene.Now.Violations.ShouldBe(0);
        await scene.GoodPeerFinishesAsync();
    }

    [Theory]
    [InlineData("d11:upload_onlyi1ee", "")]
    [InlineData("d1:mdee", "01")]
    public async Task A_seed_lets_go_of_a_peer_that_only_uploads(string hello, string uploadOnly)
    {
        await using var engines = new Engines();
        var bytes = Engines.RandomBytes(600_000);
        var metainfo = Engines.BlobOf(bytes);
        var engine = await engines.StartAsync();
        await engines.SeedAsync(engine, metainfo, bytes);
        using var peer = await FakePeer.MeetAsync(engine.ListenEndPoint, metainfo.Id.Primary, Token);
        await peer.SendAsync(
            writer =>
            {
                writer.Extended(0, System.Text.Encoding.ASCII.GetBytes(hello));
                if (uploadOnly.Length > 0)
                {
                    writer.Extended(4, Convert.FromHexString(uploadOnly));
                }
            },
            Token);
        await peer.ExpectHangUpAsync(Token).WaitAsync(Engines.Deadline, Token);
    }

    [Fact]
    public async Task Who_completes_says_so_and_everybody_hears_their_address()
    {
        await using var scene = await HostileScene.StartAsync();
        using var peer = await scene.MeetAsync();
        await peer.SendAsync(writer => writer.Extended(0, "de"u8), Token);
        var first = await HelloAsync(peer);
        first.UploadOnly.ShouldBeNull();
        first.YourIp.ShouldBe(IPAddress.Loopback);
        first.RequestQueue.ShouldBe(Engines.Options.MaxQueuedRequests);
        first.ListenPort.ShouldBe(scene.Victim.ListenEndPoint.Port);
        await scene.GoodPeerFinishesAsync();
        (await HelloAsync(peer)).UploadOnly.ShouldBe(true);
    }

    private static async Task<ExtensionHandshake> HelloAsync(FakePeer peer)
    {
        var message = await peer.ExpectAsync(MessageId.Extended, Token).WaitAsync(Engines.Deadline, Token);
        message[0].ShouldBe(ExtensionHandshake.Id);
        return ExtensionHandshake.Parse(message.AsSpan(1));
    }
}
