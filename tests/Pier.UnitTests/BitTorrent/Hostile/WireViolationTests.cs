using System.Net.Sockets;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Wire;
using Pier.TestKit;
using Pier.UnitTests.BitTorrent.Storage;
using Pier.UnitTests.BitTorrent.Swarms;

namespace Pier.UnitTests.BitTorrent.Hostile;

/// <summary>Whoever breaks the protocol is hung up on and counted, and a good peer beside it finishes the download.</summary>
public sealed class WireViolationTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>All ways in one test, several at a time: each has to wait for the next second's statistics.</summary>
    [Fact]
    public Task It_is_hung_up_on_and_counted_and_a_good_peer_finishes() => EachAsync(MisbehaveAsync);

    [Fact]
    public async Task Every_way_beside_a_good_peer_in_the_middle_of_its_work_takes_nothing_from_it()
    {
        // By itself an address has few places, and those who are being hung up on may still hold theirs.
        await using var scene = await HostileScene.StartAsync(Engines.Options with { MaxConnectionsPerAddress = 1000 });
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        // A seed reads as many blocks as fit into one write before it sends the first: the last piece that is withheld may hold up
        // blocks of the one before, and so the first piece alone is sure to come.
        await scene.AddGoodPeerAsync(new MemoryStorage(scene.Bytes) { IsSealed = true, Withheld = (2L * scene.Metainfo.PieceLength, over.Task) });
        await scene.UntilAsync(now => now is { PiecesHave: > 0, Peers.Count: 1 }, "the good peer has sent a piece");

        await EachAsync(async name =>
        {
            using var hostile = await scene.MeetAsync();
            await SendAsync(hostile, Misbehaviours.Of(name));
            await hostile.ExpectHangUpAsync(Token).WaitAsync(Engines.Deadline, Token);
        });

        await scene.UntilAsync(now => now.Violations == Misbehaviours.Names.Count() && now.Peers.Count == 1, "all are counted and gone");
        scene.Now.PiecesHave.ShouldBeInRange(1, scene.Now.PieceCount - 1, "the good peer is not done yet");
        over.SetResult();
        await scene.FinishesAsync();
        (scene.Now.Bans, scene.Now.HashFailures).ShouldBe((0, 0));
    }

    [Fact]
    public async Task Who_breaks_the_protocol_again_and_again_is_banned()
    {
        await using var scene = await HostileScene.StartAsync();
        var self = PeerId.Create();
        for (var attempt = 1; attempt <= 5; attempt++)
        {
            using var hostile = await FakePeer.MeetAsync(scene.Victim.ListenEndPoint, scene.Metainfo.Id.Primary, Token, self: self);
            await SendAsync(hostile, Misbehaviours.Of("a have beyond the end"));
            await hostile.ExpectHangUpAsync(Token).WaitAsync(Engines.Deadline, Token);
            await scene.UntilAsync(now => now.Violations == attempt, "the violation is counted");
        }

        await scene.UntilAsync(now => now.Bans == 1, "the peer is banned");
        await Should.ThrowAsync<IOException>(
            () => FakePeer.MeetAsync(scene.Victim.ListenEndPoint, scene.Metainfo.Id.Primary, Token, self: self));
        await scene.GoodPeerFinishesAsync();
    }

    [Fact]
    public async Task Pieces_that_were_told_before_the_torrent_was_known_are_looked_at_when_it_is()
    {
        await using var scene = await HostileScene.StartAsync(knowsMetadata: false);
        using var hostile = await scene.MeetAsync();
        await hostile.SendAsync(writer => writer.PieceIndex(MessageId.Have, 3), Token);
        await scene.UntilAsync(now => now.Peers.Count == 1, "it is connected");
        await scene.GoodPeerFinishesAsync();
        await hostile.ExpectHangUpAsync(Token).WaitAsync(Engines.Deadline, Token);
        await scene.UntilAsync(now => now.Violations == 1, "the violation is counted");
    }

    /// <summary>Every way to misbehave, several at a time.</summary>
    private static Task EachAsync(Func<string, Task> misbehave) =>
        Parallel.ForEachAsync(Misbehaviours.Names, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Token }, async (name, _) =>
        {
            try
            {
                await misbehave(name);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"after {name}: {failure.Message}", failure);
            }
        });

    private static async Task MisbehaveAsync(string name)
    {
        await using var scene = await HostileScene.StartAsync();
        using var hostile = await scene.MeetAsync();
        await SendAsync(hostile, Misbehaviours.Of(name));
        await hostile.ExpectHangUpAsync(Token).WaitAsync(Engines.Deadline, Token);
        await scene.UntilAsync(now => now is { Violations: 1, Peers.Count: 0 }, "the violation is counted and the peer gone");
        await scene.GoodPeerFinishesAsync();
        scene.Now.Bans.ShouldBe(0);
    }

    private static async Task SendAsync(FakePeer peer, byte[] bytes)
    {
        try
        {
            await peer.SendAsync(bytes, Token);
        }
        catch (IOException hungUp) when (hungUp.InnerException is SocketException)
        {
            // The victim had heard enough before all was said.
        }
    }
}
