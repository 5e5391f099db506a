using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Selection;
using Pier.BitTorrent.Torrents;

namespace Pier.UnitTests.BitTorrent.Pieces;

/// <summary>What the board of pieces counts for people.</summary>
public sealed class PieceBoardTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("x...", 0.25)]
    [InlineData("xx.. ..xx", 1)]
    [InlineData("xx.. .xxx", 1.25)]
    [InlineData("xxxx", 1)]
    [InlineData("xxxx xxxx x.x.", 2.5)]
    public void Copies_are_those_of_the_rarest_piece_and_the_share_that_is_less_rare(string peers, double copies)
    {
        var board = new PieceBoard(PieceGrid.Uniform(16384, 4 * 16384), new PieceMemory(long.MaxValue, ArrayPool<byte>.Shared));
        foreach (var peer in peers.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var has = new Bitfield(peer.Length);
            foreach (var piece in Enumerable.Range(0, peer.Length).Where(piece => peer[piece] == 'x'))
            {
                has.Add(piece);
            }

            board.AddPeer(has);
        }

        board.Copies().ShouldBe(copies);
    }

    [Fact]
    public void Pieces_of_which_only_blocks_are_read_are_not_waited_for()
    {
        var board = new PieceBoard(PieceGrid.Uniform(16384, 4 * 16384), new PieceMemory(long.MaxValue, ArrayPool<byte>.Shared));
        board.Demand.Choose(new FilePriority[4]);
        board.Demand.Rebuild([(0, 1)], [], [0, 2]);
        (board.Demand.Wanted[2], board.Demand.IsToBeStarted(2), board.Demand.IsToBeStarted(0), board.AllStarted).ShouldBe((true, false, true, false));

        board.TryStart(0);

        board.AllStarted.ShouldBeTrue("what is asked for may be asked for twice");
    }

    [Fact]
    public void A_piece_that_is_given_up_keeps_none_of_its_memory()
    {
        var board = new PieceBoard(PieceGrid.Uniform(1 << 20, 1 << 20), new PieceMemory(long.MaxValue, new FreshArrays()));
        var memory = StartAndAbandon(board);

        GC.Collect();

        memory.IsAlive.ShouldBeFalse();
        GC.KeepAlive(board);
    }

    [Fact]
    public void What_is_here_is_counted_without_padding()
    {
        // 20000 bytes, then padding up to 32768, as hybrids have it; then 100 bytes.
        TorrentFile[] files =
        [
            new() { Path = ["a"], Length = 20_000, Offset = 0 },
            new() { Path = [".pad", "12768"], Length = 12_768, Offset = 20_000, Attributes = TorrentFileAttributes.Padding },
            new() { Path = ["b"], Length = 100, Offset = 32_768 },
        ];
        var board = new PieceBoard(PieceGrid.Of(new TorrentLayout(16384, files, filesEndPieces: false), 16384), new PieceMemory(long.MaxValue, ArrayPool<byte>.Shared));

        board.Finish(1);
        board.Finish(1);
        board.HaveBytes.ShouldBe(20_000 - 16_384);
        board.Finish(0);
        board.Finish(2);
        board.HaveBytes.ShouldBe(20_100);
    }

    // On its own, so that no local of the test holds the array.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference StartAndAbandon(PieceBoard board)
    {
        var partial = board.TryStart(0)!;
        MemoryMarshal.TryGetArray(partial.Buffer.Memory, out var array).ShouldBeTrue();
        board.Abandon(partial);
        return new WeakReference(array.Array);
    }

    private sealed class FreshArrays : ArrayPool<byte>
    {
        public override byte[] Rent(int minimumLength) => new byte[minimumLength];

        public override void Return(byte[] array, bool clearArray = false)
        {
        }
    }
}
