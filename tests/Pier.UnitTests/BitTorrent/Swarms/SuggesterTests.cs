using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Wire;

namespace Pier.UnitTests.BitTorrent.Swarms;

/// <summary>Whom a seed suggests pieces (BEP 6): several peers different ones, and none to one that is alone.</summary>
public sealed class SuggesterTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_peer_that_is_alone_chooses_for_itself_and_two_are_suggested_other_pieces()
    {
        await using var engines = new Engines();
        var bytes = Engines.RandomBytes(3 << 20);
        var metainfo = Engines.BlobOf(bytes);
        var engine = await engines.StartAsync();
        await engines.SeedAsync(engine, metainfo, bytes);

        using var first = await ArriveAsync(engine, metainfo);
        await first.ExpectAsync(MessageId.Unchoke, Token).WaitAsync(Engines.Deadline, Token);
        await first.SendAsync(writer => writer.Block(MessageId.Request, new BlockRange(0, 0, 16384)), Token);
        var before = new List<MessageId>();
        await first.ExpectAsync(MessageId.Piece, Token, before).WaitAsync(Engines.Deadline, Token);
        before.ShouldNotContain(MessageId.SuggestPiece);

        using var second = await ArriveAsync(engine, metainfo);

        // Before it is unchoked, so that it begins with those.
        var toSecond = await second.ExpectAsync(MessageId.SuggestPiece, Token).WaitAsync(Engines.Deadline, Token);
        var toFirst = await first.ExpectAsync(MessageId.SuggestPiece, Token).WaitAsync(Engines.Deadline, Token);
        toFirst.ShouldNotBe(toSecond);
    }

    private static async Task<FakePeer> ArriveAsync(BitTorrentEngine engine, Metainfo metainfo)
    {
        var peer = await FakePeer.MeetAsync(engine.ListenEndPoint, metainfo.Id.Primary, Token);
        await peer.SendAsync(
            writer =>
            {
                writer.Empty(MessageId.HaveNone);
                writer.Empty(MessageId.Interested);
            },
            Token);
        return peer;
    }
}
