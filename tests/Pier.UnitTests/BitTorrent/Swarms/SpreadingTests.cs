using System.Buffers;
using Pier.BitTorrent.Choking;
using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Swarms.Blocks;
using Pier.TestKit.Time;

namespace Pier.UnitTests.BitTorrent.Swarms;

/// <summary>Whom a node serves until every piece is out, on a clock moved by hand.</summary>
public sealed class SpreadingTests
{
    private const int Pieces = 4;

    private readonly ManualTimeProvider _clock = new();
    private readonly SpreadingSwarms _swarms = new();

    [Fact]
    public void The_last_pieces_go_before_all_else()
    {
        var spreading = Spreading(crowd: 8, "....");
        spreading.Progress();
        spreading.Look(unseen: 2, owed: 2);
        spreading.Restraint.ShouldBe(UploadRestraint.None);
        spreading.Look(unseen: 0, owed: 2).ShouldBeTrue();
        spreading.Restraint.ShouldBe(UploadRestraint.LastPieces);
        spreading.Look(unseen: 0, owed: 1).ShouldBeTrue("who has got its last piece makes room for the others");
        spreading.Look(unseen: 0, owed: 0);
        spreading.Restraint.ShouldBe(UploadRestraint.None);
    }

    [Fact]
    public void A_few_peers_are_all_served_to_the_end()
    {
        var spreading = Spreading(crowd: 7, "....");
        spreading.Progress();
        spreading.Look(unseen: 0, owed: 2).ShouldBeFalse();
        spreading.Restraint.ShouldBe(UploadRestraint.None);
        _swarms.Any.ShouldBeFalse("nor do other torrents leave them the line");
    }

    [Fact]
    public void Who_never_takes_what_it_is_suggested_holds_up_nobody()
    {
        var spreading = Spreading(crowd: 8, "....");
        spreading.Progress();
        spreading.Look(unseen: 0, owed: 1);
        _clock.Advance(TimeSpan.FromSeconds(6));
        spreading.Look(unseen: 0, owed: 1).ShouldBeTrue();
        spreading.Restraint.ShouldBe(UploadRestraint.None);
        _swarms.Any.ShouldBeFalse();
    }

    [Fact]
    public void Who_takes_the_last_pieces_slowly_holds_up_nobody()
    {
        var spreading = Spreading(crowd: 8, "....");
        for (var seconds = 0; seconds < 6; seconds += 2)
        {
            spreading.Progress();
            spreading.Look(unseen: 0, owed: 4);
            spreading.Restraint.ShouldBe(UploadRestraint.LastPieces);
            _clock.Advance(TimeSpan.FromSeconds(2));
        }

        spreading.Progress();
        spreading.Look(unseen: 0, owed: 1).ShouldBeTrue();
        spreading.Restraint.ShouldBe(UploadRestraint.None);
    }

    [Theory]
    [InlineData(8, "xxxx", UploadRestraint.GiveWay)]
    [InlineData(8, "xxx.", UploadRestraint.None)]
    [InlineData(7, "xxxx", UploadRestraint.None)]
    public void A_crowd_that_has_everything_leaves_the_line_to_another_torrent(int crowd, string has, object expected)
    {
        var first = Spreading(crowd, has);
        var second = Spreading(crowd: 8, "....");
        second.Progress();
        second.Look(unseen: 3, owed: 1);
        first.Look(unseen: 0, owed: 0).ShouldBe(expected is UploadRestraint.GiveWay);
        first.Restraint.ShouldBe((UploadRestraint)expected);

        second.End();
        first.Look(unseen: 0, owed: 0);
        first.Restraint.ShouldBe(UploadRestraint.None);
    }

    [Fact]
    public void The_last_pieces_do_not_go_before_all_else_again_and_again()
    {
        var spreading = Spreading(crowd: 8, "....");
        spreading.Progress();
        spreading.Look(unseen: 0, owed: 4);
        spreading.Restraint.ShouldBe(UploadRestraint.LastPieces);
        _clock.Advance(TimeSpan.FromSeconds(6));
        spreading.Look(unseen: 0, owed: 4);
        spreading.Progress();
        spreading.Look(unseen: 0, owed: 3);
        spreading.Restraint.ShouldBe(UploadRestraint.None);

        spreading.Look(unseen: 0, owed: 0);
        spreading.Progress();
        spreading.Look(unseen: 0, owed: 1);
        spreading.Restraint.ShouldBe(UploadRestraint.LastPieces, "others than those");
    }

    [Fact]
    public void Another_torrent_that_never_ends_holds_a_crowd_up_for_half_the_time()
    {
        var first = Spreading(crowd: 8, "xxxx");
        var second = Spreading(crowd: 8, "....");
        var held = 0;
        for (var at = 0; at < 120; at++)
        {
            // It pauses now and then, which begins nothing anew.
            second.Progress();
            second.Look(unseen: 3, owed: at % 10 == 9 ? 0 : 1);
            first.Look(unseen: 0, owed: 0);
            held += first.Restraint == UploadRestraint.GiveWay ? 1 : 0;
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        held.ShouldBe(54);
    }

    // The first peers have one piece each of those that are out, all others none.
    private Spreading Spreading(int crowd, string has)
    {
        var board = new PieceBoard(PieceGrid.Uniform(16384, Pieces * 16384), new PieceMemory(long.MaxValue, ArrayPool<byte>.Shared));
        for (var piece = 0; piece < Pieces; piece++)
        {
            board.Finish(piece);
        }

        for (var peer = 0; peer < crowd; peer++)
        {
            var pieces = new Bitfield(Pieces);
            if (peer < Pieces && has[peer] == 'x')
            {
                pieces.Add(peer);
            }

            board.AddPeer(pieces);
        }

        return new Spreading(board, _swarms, _clock);
    }
}
