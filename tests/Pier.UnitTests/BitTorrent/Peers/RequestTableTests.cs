using System.Buffers;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Pieces;

namespace Pier.UnitTests.BitTorrent.Peers;

/// <summary>What one peer is asked for, against a list that does the same slowly.</summary>
public sealed class RequestTableTests
{
    private readonly PieceMemory _memory = new(long.MaxValue, ArrayPool<byte>.Shared);

    [Fact]
    public void Blocks_are_taken_in_any_order_and_the_others_stay()
    {
        var random = new Random(5);
        var table = new RequestTable();
        var buffer = _memory.TryRent(1 << 20, 1 << 14, mayExceed: true)!;
        List<BlockRef> expected = [];
        for (var step = 0; step < 5000; step++)
        {
            if (random.Next(5) < 3 && expected.Count < 64)
            {
                var block = new BlockRef(random.Next(4), step);
                table.Add(block, buffer);
                expected.Add(block);
            }
            else if (expected.Count > 0)
            {
                // Mostly the first, as peers answer.
                var block = expected[random.Next(2) == 0 ? 0 : random.Next(expected.Count)];
                table.TryTake(block).ShouldBeTrue();
                table.TryTake(block).ShouldBeFalse();
                expected.Remove(block);
            }

            if (step % 500 == 0)
            {
                List<AskedBlock> taken = [];
                table.TakePiece(2, taken);
                taken.Select(asked => asked.Block).ShouldBe(expected.Where(block => block.Piece == 2));
                expected.RemoveAll(block => block.Piece == 2);
            }

            table.Count.ShouldBe(expected.Count);
        }

        table.All().Select(asked => asked.Block).ShouldBe(expected);
        table.TakeAll().Select(asked => asked.Block).ShouldBe(expected);
        table.Count.ShouldBe(0);
    }

    [Fact]
    public void A_block_that_came_before_has_no_place_to_go_to()
    {
        var (first, second) = (new RequestTable(), new RequestTable());
        var buffer = _memory.TryRent(1 << 15, 1 << 14, mayExceed: true)!;
        var block = new BlockRef(0, 1);
        first.Add(block, buffer);
        second.Add(block, buffer);

        first.TryTake(block, first, out var place).ShouldBeTrue();
        place.ShouldBeSameAs(buffer);
        first.TryTake(block, first, out _).ShouldBeFalse();
        second.TryTake(block, second, out place).ShouldBeTrue();
        place.ShouldBeNull();
    }
}
