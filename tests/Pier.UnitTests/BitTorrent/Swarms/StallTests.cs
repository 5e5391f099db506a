using System.Buffers.Binary;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Wire;
using Pier.TestKit;
using Pier.TestKit.Time;
using Pier.UnitTests.BitTorrent.Storage;

namespace Pier.UnitTests.BitTorrent.Swarms;

/// <summary>Peers that stop sending, on a clock moved by hand; and the endgame's cancels.</summary>
public sealed class StallTests
{
    private const int MostSeconds = 100;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_silent_peer_owes_is_asked_of_another_and_after_a_minute_it_is_snubbing()
    {
        await using var engines = new Engines();
        var clock = new ManualTimeProvider();
        var bytes = Engines.RandomBytes(200_000);
        var metainfo = Engines.BlobOf(bytes);
        var leecher = await engines.StartAsync(time: clock);
        var swarm = await leecher.AddAsync(SwarmSpec.For(metainfo, Engines.Holding(MemoryStorage.Empty(bytes.Length))), Token);
        using var silent = await OfferAsync(leecher, metainfo.Id.Primary);
        await silent.ExpectAsync(MessageId.Request, Token).WaitAsync(Engines.Deadline, Token);
        await AdvanceUntilAsync(clock, swarm, now => now.Peers is [{ Snubbing: true }], "the silent peer is snubbing");
        clock.GetUtcNow().ShouldBeGreaterThanOrEqualTo(clock.Start + TimeSpan.FromSeconds(60));

        using var other = await OfferAsync(leecher, metainfo.Id.Primary);
        await other.ExpectAsync(MessageId.Request, Token).WaitAsync(Engines.Deadline, Token);
    }

    [Fact]
    public async Task Whoever_comes_second_in_the_endgame_is_cancelled()
    {
        await using var engines = new Engines();
        // Two blocks: after the last one the leecher hangs up on seeds, perhaps before it has said that it cancels.
        var bytes = Engines.RandomBytes(2 * 16_384);
        var metainfo = Engines.BlobOf(bytes);
        var leecher = await engines.StartAsync();
        var storage = MemoryStorage.Empty(bytes.Length);
        var swarm = await leecher.AddAsync(SwarmSpec.For(metainfo, Engines.Holding(storage)), Token);
        using var slow = await OfferAsync(leecher, metainfo.Id.Primary);
        await slow.ExpectAsync(MessageId.Request, Token).WaitAsync(Engines.Deadline, Token);
        using var fast = await OfferAsync(leecher, metainfo.Id.Primary);
        var request = await fast.ExpectAsync(MessageId.Request, Token).WaitAsync(Engines.Deadline, Token);
        BinaryPrimitives.ReadInt32BigEndian(request.AsSpan(8)).ShouldBe(bytes.Length / 2);

        await SendAsync(fast, bytes, request);

        (await slow.ExpectAsync(MessageId.Cancel, Token).WaitAsync(Engines.Deadline, Token)).ShouldBe(request);
        await SendAsync(fast, bytes, await fast.ExpectAsync(MessageId.Request, Token).WaitAsync(Engines.Deadline, Token));
        await swarm.Completion.WaitAsync(Engines.Deadline, Token);
        storage.Bytes.ShouldBe(bytes);
    }

    private static async Task SendAsync(FakePeer peer, byte[] bytes, byte[] request)
    {
        var block = new BlockRange(0, BinaryPrimitives.ReadInt32BigEndian(request.AsSpan(4)), BinaryPrimitives.ReadInt32BigEndian(request.AsSpan(8)));
        var header = new byte[WireLimits.PieceHeaderLength];
        WireWriter.PieceHeader(header, block);
        await peer.SendAsync((byte[])[.. header, .. bytes.AsSpan(block.Offset, block.Length)], Token);
    }

    private static async Task<FakePeer> OfferAsync(BitTorrentEngine leecher, Pier.BitTorrent.Torrents.InfoHash infoHash)
    {
        var peer = await FakePeer.MeetAsync(leecher.ListenEndPoint, infoHash, Token);
        await peer.OfferAllAsync(Token);
        return peer;
    }

    /// <summary>Moves the clock by seconds, never further than the swarm's loop has come: else the peer would be silent for too long at once.</summary>
    private static async Task AdvanceUntilAsync(ManualTimeProvider clock, Swarm swarm, Func<SwarmStatistics, bool> condition, string what)
    {
        for (var second = 0; !condition(swarm.Statistics); second++)
        {
            second.ShouldBeLessThan(MostSeconds, what);
            var before = swarm.Statistics;
            clock.Advance(TimeSpan.FromSeconds(1));
            await Eventually.TrueAsync(() => !ReferenceEquals(swarm.Statistics, before), "the swarm tells of that second", Engines.Deadline, Token);
        }
    }
}
