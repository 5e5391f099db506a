using Pier.BitTorrent.Pieces;
using Pier.Content;
using Pier.TestKit.Time;

namespace Pier.UnitTests.BitTorrent.Pieces;

/// <summary>Single blocks are asked for once, copied over their edges, bounded, and left to whole pieces where that is better.</summary>
public sealed class ProvedBlocksTests
{
    private const int Block = 16 * 1024;
    private const int PieceLength = 32 * Block;

    private readonly PieceGrid _grid = PieceGrid.Uniform(PieceLength, (40L * PieceLength) + 100);
    private readonly ManualTimeProvider _time = new();
    private readonly List<BlockSpan> _asked = [];
    private bool _isRead = true;

    private ProvedBlocks Blocks(bool takes = true) => new(
        span =>
        {
            _asked.Add(span);
            return takes;
        },
        () => _isRead,
        _time);

    [Fact]
    public void What_is_here_is_copied_as_far_as_it_goes()
    {
        var blocks = Blocks();
        blocks.Add(new BlockRef(0, 31), Filled(1));
        blocks.Add(new BlockRef(1, 0), Filled(2));
        blocks.Add(new BlockRef(40, 0), Filled(3).AsSpan(0, 100));
        var bytes = new byte[3 * Block];

        blocks.TryCopy(_grid, PieceLength - 10, bytes).ShouldBe(10 + Block);
        bytes[9].ShouldBe((byte)1);
        bytes[10].ShouldBe((byte)2);
        blocks.TryCopy(_grid, PieceLength - 10, bytes.AsSpan(0, 5)).ShouldBe(5);
        blocks.TryCopy(_grid, PieceLength + Block, bytes).ShouldBe(0);
        blocks.TryCopy(_grid, 40L * PieceLength + 90, bytes).ShouldBe(10, "the last is shorter");
        blocks.Clear();
        blocks.TryCopy(_grid, PieceLength - 10, bytes).ShouldBe(0);
    }

    [Fact]
    public void What_comes_when_nobody_reads_any_more_is_not_kept()
    {
        var blocks = Blocks();
        _isRead = false;
        blocks.Add(new BlockRef(1, 0), Filled(1));
        blocks.TryCopy(_grid, PieceLength, new byte[10]).ShouldBe(0);

        _isRead = true;
        blocks.Add(new BlockRef(1, 0), Filled(1));
        blocks.TryCopy(_grid, PieceLength, new byte[10]).ShouldBe(10);
    }

    [Fact]
    public void They_are_asked_for_once_and_again_when_settled()
    {
        var blocks = Blocks();
        var span = BlockSpan.Of(_grid, new ByteRange(PieceLength + Block - 1, 2));
        span.ShouldBe(new BlockSpan(1, 0, 2));
        BlockSpan.Of(_grid, new ByteRange(2 * PieceLength - 1, 500)).ShouldBe(new BlockSpan(1, 31, 1), "of one piece only");
        blocks.Want(span, 32).ShouldBeTrue();
        blocks.Want(span, 32).ShouldBeTrue();
        _asked.ShouldBe([span]);
        blocks.Settle(span);
        blocks.Want(span, 32).ShouldBeTrue();
        _asked.Count.ShouldBe(2);
    }

    [Fact]
    public void Whole_pieces_are_better_where_it_was_refused_or_much_is_read()
    {
        var blocks = Blocks();
        blocks.Want(new BlockSpan(1, 0, 6), 100).ShouldBeFalse("too many at once");
        blocks.Refuse(new BlockSpan(1, 0, 1), isForAll: false);
        blocks.Want(new BlockSpan(1, 5, 1), 32).ShouldBeFalse();
        blocks.Want(new BlockSpan(2, 5, 1), 32).ShouldBeTrue();
        blocks.Refuse(new BlockSpan(2, 5, 1), isForAll: true);
        blocks.Want(new BlockSpan(3, 5, 1), 32).ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(11));
        blocks.Want(new BlockSpan(1, 5, 1), 32).ShouldBeTrue();
        blocks.Want(new BlockSpan(3, 5, 1), 32).ShouldBeTrue();

        for (var block = 0; block < 8; block++)
        {
            blocks.Add(new BlockRef(5, block), Filled(5));
        }

        blocks.Want(new BlockSpan(5, 20, 1), 32).ShouldBeFalse("a quarter of it is here");
        Blocks(takes: false).Want(new BlockSpan(1, 0, 1), 32).ShouldBeFalse("the loop is behind");
    }

    [Fact]
    public void The_latest_are_kept()
    {
        var blocks = Blocks();
        for (var piece = 0; piece < 40; piece++)
        {
            for (var block = 0; block < 16; block++)
            {
                blocks.Add(new BlockRef(piece, block), Filled(7));
            }
        }

        blocks.TryCopy(_grid, 0, new byte[10]).ShouldBe(0);
        blocks.TryCopy(_grid, 8L * PieceLength, new byte[10]).ShouldBe(10);
        blocks.Want(new BlockSpan(0, 20, 1), 32).ShouldBeTrue("what is gone is not counted");
    }

    private static byte[] Filled(byte value)
    {
        var bytes = new byte[Block];
        Array.Fill(bytes, value);
        return bytes;
    }
}
