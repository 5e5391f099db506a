using System.Buffers;
using System.Net;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Swarms.Blocks;
using Pier.BitTorrent.Swarms.Meeting;
using Pier.UnitTests.BitTorrent.Storage;

namespace Pier.UnitTests.BitTorrent.Swarms;

/// <summary>What counts as a block that has come.</summary>
public sealed class DownloaderTests
{
    private const int Block = 16_384;

    [Fact]
    public void A_block_of_a_piece_that_was_given_up_does_not_count_for_one_that_another_is_writing()
    {
        using var services = new QuietServices();
        var bytes = Engines.RandomBytes(2 * Block);
        var port = new SwarmPort(SwarmSpec.For(Engines.BlobOf(bytes), Engines.Holding(MemoryStorage.Empty(bytes.Length))), services.Engine);
        var board = new PieceBoard(PieceGrid.Uniform(2 * Block, 2 * Block), new PieceMemory(1 << 20, ArrayPool<byte>.Shared));
        var (late, other) = (Session(1), Session(2));
        List<PeerSession> sessions = [late, other];
        var downloader = new Downloader(port, sessions, board, services.Engine.Picker(port.Windows, new Random(1)), (_, _) => { });
        var block = new BlockRef(0, 0);
        var before = board.TryStart(0)!;
        var old = before.Buffer;
        old.TryClaim(block.Block, late.Link.Origin).ShouldBeTrue();
        downloader.GiveUp(before);
        var piece = board.TryStart(0)!;
        // The other has begun to copy the same block in, and its report is yet to come.
        piece.Buffer.TryClaim(block.Block, other.Link.Origin).ShouldBeTrue();

        downloader.Received(late, block, old);
        piece.Has(block.Block).ShouldBeFalse();
        downloader.Dropped.ShouldBe(Block);

        downloader.Received(other, block, piece.Buffer);
        piece.Has(block.Block).ShouldBeTrue();
        downloader.Dropped.ShouldBe(Block);
    }

    [Fact]
    public void What_was_asked_for_a_reader_is_not_released_in_the_piece()
    {
        using var services = new QuietServices();
        var bytes = Engines.RandomBytes(2 * Block);
        var port = new SwarmPort(SwarmSpec.For(Engines.BlobOf(bytes), Engines.Holding(MemoryStorage.Empty(bytes.Length))), services.Engine);
        var memory = new PieceMemory(1 << 20, ArrayPool<byte>.Shared);
        var board = new PieceBoard(PieceGrid.Uniform(2 * Block, 2 * Block), memory);
        var session = Session(1);
        var downloader = new Downloader(port, [session], board, services.Engine.Picker(port.Windows, new Random(1)), (_, _) => { });
        var piece = board.TryStart(0)!;
        piece.TryAskNext(out var block).ShouldBeTrue();
        var spot = memory.TryRent(Block, Block, mayExceed: true)!;

        downloader.Rejected(session, new AskedBlock(block, spot));
        session.Link.Requests.Add(block, spot);
        downloader.ReleaseAll(session);
        piece.AskedOf(block.Block).ShouldBe(1, "another was asked for it in the piece");

        downloader.Rejected(session, new AskedBlock(block, piece.Buffer));
        piece.AskedOf(block.Block).ShouldBe(0);
    }

    private static PeerSession Session(byte number) => new(new QuietLink(new IPEndPoint(new IPAddress([10, 0, 0, number]), 5056)), PeerSource.Told);
}
