using System.Buffers;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Selection;
using Pier.Content;

namespace Pier.UnitTests.BitTorrent.Pieces;

/// <summary>
/// The picking rules, by pictures: one character a piece. Availability is a digit, <c>*</c> marks what we have; each piece has
/// four blocks.
/// </summary>
public sealed class PickerTests
{
    private const int BlocksPerPiece = 4;
    private const int PieceLength = BlocksPerPiece * 16384;

    private readonly object _peer = new();
    private readonly object _other = new();

    [Fact]
    public void The_rarest_piece_comes_first() => Pick(Board("3231333", "       "), wanted: 4).ShouldBe("3333");

    [Fact]
    public void What_we_have_is_not_asked_for() => Pick(Board("1123", "**  "), wanted: 8).ShouldBe("22223333");

    [Fact]
    public void Only_what_the_peer_has_is_asked_for()
    {
        var board = Board("1123", "    ");
        Pick(board, wanted: 8, has: "   x").ShouldBe("3333");
    }

    [Fact]
    public void What_is_begun_is_finished_before_anything_is_started()
    {
        var board = Board("2122", "    ");
        Pick(board, wanted: 2).ShouldBe("11");
        Pick(board, wanted: 3, peer: _other)[..2].ShouldBe("11");
    }

    [Fact]
    public void What_a_peer_suggests_is_asked_of_it_before_what_is_begun_or_rare()
    {
        var board = Board("2124", "   *");
        Pick(board, wanted: 2, peer: _other).ShouldBe("11");
        Pick(board, wanted: 9, suggested: [3, 2]).ShouldBe("222211000");
    }

    [Fact]
    public void A_peer_that_sends_what_it_suggested_is_asked_for_nothing_else()
    {
        var board = Board("2122", "    ");
        Pick(board, wanted: 2, suggested: [2]).ShouldBe("22");
        Pick(board, wanted: 9, suggested: [2], asked: [new BlockRef(2, 0), new BlockRef(2, 1)]).ShouldBe("22");
    }

    [Fact]
    public void A_peer_that_suggests_little_is_asked_for_more_beside_it()
    {
        var board = Board("2122", "    ");
        Pick(board, wanted: 2, suggested: [2]).ShouldBe("22");
        Pick(board, wanted: 9, suggested: [2], asked: [new BlockRef(2, 0), new BlockRef(2, 1)], suggestsEnough: false).ShouldStartWith("221111");
    }

    [Fact]
    public void A_peer_whose_suggestions_others_send_is_asked_for_the_rest()
    {
        var board = Board("2122", "    ");
        Pick(board, wanted: 4, peer: _other, suggested: [2]).ShouldBe("2222");
        Pick(board, wanted: 2).ShouldBe("11");
        Pick(board, wanted: 6, suggested: [2], asked: [new BlockRef(1, 0), new BlockRef(1, 1)]).ShouldStartWith("11");
    }

    [Fact]
    public void Without_leeches_pieces_come_in_order()
    {
        var board = Board("    ", "    ", seeds: 2);
        Pick(board, wanted: 16).ShouldBe("0000111122223333");
    }

    [Fact]
    public void A_readers_window_comes_before_the_rarest_and_in_order()
    {
        var windows = new ReaderWindows(() => { });
        using var window = windows.Open(new ByteRange(4 * PieceLength, 2 * PieceLength));
        var board = Board("1333333", "       ");
        Pick(board, wanted: 12, windows: windows).ShouldBe("444455550000");
    }

    [Fact]
    public void A_window_moves_with_its_reader_and_ends_with_it()
    {
        var windows = new ReaderWindows(() => { });
        var window = windows.Open(new ByteRange(0, PieceLength));
        var board = Board("33313", "     ");
        Pick(board, wanted: 4, windows: windows).ShouldBe("0000");
        window.MoveTo(new ByteRange(2 * PieceLength + 5, 1));
        Pick(board, wanted: 4, windows: windows).ShouldBe("2222");
        window.Dispose();
        Pick(board, wanted: 4, windows: windows).ShouldBe("3333");
    }

    [Fact]
    public void Two_readers_take_turns()
    {
        var windows = new ReaderWindows(() => { });
        using var first = windows.Open(new ByteRange(0, 2 * PieceLength));
        using var second = windows.Open(new ByteRange(4 * PieceLength, 2 * PieceLength));
        Pick(Board("333333", "      "), wanted: 16, windows: windows).ShouldBe("0000444411115555");
    }

    [Fact]
    public void In_the_endgame_others_are_asked_for_the_same_blocks_but_never_the_same_peer()
    {
        var board = Board("11", " *");
        Pick(board, wanted: 4).ShouldBe("0000");
        Pick(board, wanted: 4, asked: [.. Enumerable.Range(0, BlocksPerPiece).Select(block => new BlockRef(0, block))]).ShouldBe("");
        Pick(board, wanted: 4, peer: _other).ShouldBe("0000");
        Pick(board, wanted: 4, peer: new object()).ShouldBe("0000");
        Pick(board, wanted: 4, peer: new object()).ShouldBe("");
    }

    [Fact]
    public void Nobody_is_asked_twice_before_everything_is_asked_once()
    {
        var board = Board("111", "   ");
        Pick(board, wanted: 4);
        Pick(board, wanted: 4, has: "x  ", peer: _other).Distinct().Count().ShouldBeLessThanOrEqualTo(1);
        board.AllStarted.ShouldBeFalse();
    }

    [Fact]
    public void A_released_block_is_asked_for_again()
    {
        var board = Board("1", " ");
        Pick(board, wanted: 4).ShouldBe("0000");
        board.PartialOf(0)!.Release(2);
        Pick(board, wanted: 4, peer: _other).ShouldBe("0");
        board.PartialOf(0)!.AskedOf(2).ShouldBe(1);
    }

    [Fact]
    public void A_piece_that_failed_is_asked_of_one_peer_alone()
    {
        var board = Board("1", " ");
        board.TryStart(0);
        board.BeginCheck(board.PartialOf(0)!);
        board.Fail(0, fromOnePeer: true);
        Pick(board, wanted: 2).ShouldBe("00");
        Pick(board, wanted: 4, peer: _other).ShouldBe("");
        Pick(board, wanted: 4).ShouldBe("00");
    }

    [Fact]
    public void Without_memory_nothing_is_started_but_each_torrent_may_have_one_piece()
    {
        var board = Board("11", "  ", memory: PieceLength / 2);
        Pick(board, wanted: 8).Length.ShouldBe(4);
        board.Partials.Count.ShouldBe(1);
    }

    [Fact]
    public void A_piece_that_is_given_up_is_missing_again_and_late_blocks_miss_it()
    {
        var memory = new PieceMemory(long.MaxValue, ArrayPool<byte>.Shared);
        var board = new PieceBoard(PieceGrid.Uniform(PieceLength, PieceLength), memory);
        var partial = board.TryStart(0)!;
        var buffer = partial.Buffer;
        board.Abandon(partial);
        board.Busy[0].ShouldBeFalse();
        memory.Lent.ShouldBe(0);
        buffer.TryClaim(0, _peer).ShouldBeFalse();
    }

    [Fact]
    public void What_is_not_selected_is_not_asked_for_and_urgent_pieces_come_first()
    {
        var board = Board("111111", "      ");
        board.Demand.Choose([FilePriority.Low, FilePriority.Skip, FilePriority.High, FilePriority.Normal, FilePriority.Skip, FilePriority.Normal]);

        var picked = Pick(board, wanted: 24);

        picked.Length.ShouldBe(16);
        picked[..4].ShouldBe("2222");
        picked[4..12].Order().ShouldBe("33335555");
        picked[12..].ShouldBe("0000");
        board.AllStarted.ShouldBeTrue();
    }

    [Fact]
    public void A_readers_window_is_fetched_selected_or_not()
    {
        var windows = new ReaderWindows(() => { });
        using var window = windows.Open(new ByteRange(PieceLength, 1));
        var board = Board("1111", "    ");
        board.Demand.Choose(new FilePriority[4]);

        Pick(board, wanted: 8, windows: windows).ShouldBe("1111");
    }

    [Fact]
    public void Completion_counts_selected_pieces_alone()
    {
        var board = Board("1111", "*   ");
        board.Demand.Choose([FilePriority.Normal, FilePriority.High, FilePriority.Skip, FilePriority.Low]);
        (board.Demand.Missing, board.Demand.SelectedBytes, board.Demand.MissingBytes).ShouldBe((2, 3L * PieceLength, 2L * PieceLength));

        board.Finish(2).ShouldBeFalse();
        board.Finish(1).ShouldBeFalse();
        board.Finish(3).ShouldBeTrue();
        (board.Demand.Missing, board.Demand.MissingBytes).ShouldBe((0, 0L));
        board.Demand.IsPartial.ShouldBeTrue();
    }

    private static PieceBoard Board(string availability, string have, int seeds = 0, long memory = long.MaxValue)
    {
        var board = new PieceBoard(PieceGrid.Uniform(PieceLength, (long)availability.Length * PieceLength), new PieceMemory(memory, ArrayPool<byte>.Shared));
        for (var rank = 1; rank <= 9; rank++)
        {
            var peer = new Bitfield(availability.Length);
            foreach (var piece in Enumerable.Range(0, availability.Length).Where(piece => availability[piece] - '0' >= rank))
            {
                peer.Add(piece);
            }

            if (peer.Count > 0 && !peer.IsFull)
            {
                board.AddPeer(peer);
            }
            else if (peer.IsFull)
            {
                seeds++;
            }
        }

        for (; seeds > 0; seeds--)
        {
            var seed = new Bitfield(availability.Length);
            seed.Fill();
            board.AddPeer(seed);
        }

        foreach (var piece in Enumerable.Range(0, have.Length).Where(piece => have[piece] == '*'))
        {
            board.Finish(piece);
        }

        return board;
    }

    /// <summary>The pieces of the blocks picked, one digit each.</summary>
    private string Pick(
        PieceBoard board,
        int wanted,
        string? has = null,
        object? peer = null,
        ReaderWindows? windows = null,
        IReadOnlyList<BlockRef>? asked = null,
        IReadOnlyList<int>? suggested = null,
        bool suggestsEnough = true)
    {
        var pieces = new Bitfield(board.Grid.PieceCount);
        foreach (var piece in Enumerable.Range(0, pieces.Length).Where(piece => has is null || has[piece] == 'x'))
        {
            pieces.Add(piece);
        }

        var requests = new RequestTable();
        foreach (var block in asked ?? [])
        {
            requests.Add(block, board.PartialOf(block.Piece)!.Buffer);
        }

        var request = new PickRequest(board);
        request.Begin(peer ?? _peer, pieces, suggested ?? [], wanted, requests, suggestsEnough);
        var picked = PiecePicker.Usual(windows ?? new ReaderWindows(() => { }), new Random(1)).Pick(request);
        return string.Concat(picked.Select(block => block.Piece));
    }
}
