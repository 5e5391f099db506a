using System.Runtime.InteropServices;
using Pier.BitTorrent.Pieces;

namespace Pier.UnitTests.BitTorrent.Pieces;

/// <summary>Memory for pieces: bounded while lent, used again, and let go when no pieces come.</summary>
public sealed class PieceMemoryTests
{
    private const int Piece = 1 << 20;

    private const int Block = 16384;

    [Fact]
    public void What_is_given_back_is_lent_again()
    {
        var memory = new PieceMemory(4 * Piece, new PieceArrays(Piece));
        var first = memory.TryRent(Piece, Block, mayExceed: false)!;
        var second = memory.TryRent(Piece - 5, Block, mayExceed: false)!;
        var (firstArray, secondArray) = (ArrayOf(first), ArrayOf(second));
        secondArray.ShouldNotBeSameAs(firstArray);
        first.TryClaim(3, this).ShouldBeTrue();
        first.Recycle();
        second.Recycle();
        memory.Lent.ShouldBe(0);
        var again = memory.TryRent(Piece - 100, Block, mayExceed: false)!;
        (ArrayOf(again), again.Length).ShouldBe((firstArray, Piece - 100));
        ArrayOf(memory.TryRent(Piece, Block, mayExceed: false)!).ShouldNotBeSameAs(secondArray, "more is not kept than may be");
    }

    [Fact]
    public void A_piece_in_memory_of_another_has_no_blocks_yet()
    {
        var memory = new PieceMemory(4 * Piece, new PieceArrays(Piece));
        var first = memory.TryRent(2 * Block, Block, mayExceed: false)!;
        first.TryClaim(1, this).ShouldBeTrue();
        first.Recycle();
        var longer = memory.TryRent(4 * Block - 1, Block, mayExceed: false)!;
        longer.ShouldBeSameAs(first);
        longer.BlockCount.ShouldBe(4);
        Enumerable.Range(0, 4).ShouldAllBe(block => longer.ContributorOf(block) == null);
        longer.TryClaim(1, this).ShouldBeTrue();
        longer.TryClaim(1, this).ShouldBeFalse();
    }

    [Fact]
    public void Beyond_the_bound_only_who_may_exceed_it_gets_some()
    {
        var memory = new PieceMemory(Piece, new PieceArrays(Piece));
        memory.TryRent(Piece, Block, mayExceed: false).ShouldNotBeNull();
        memory.TryRent(1, Block, mayExceed: false).ShouldBeNull();
        memory.TryRent(1, Block, mayExceed: true).ShouldNotBeNull();
        memory.Lent.ShouldBe(Piece + 1);
    }

    [Fact]
    public void When_no_piece_comes_for_a_while_nothing_is_kept()
    {
        var memory = new PieceMemory(4 * Piece, new PieceArrays(Piece));
        var buffer = memory.TryRent(Piece, Block, mayExceed: false)!;
        var array = ArrayOf(buffer);
        Ticks(memory, 10);
        buffer.Recycle();
        Ticks(memory, 4);
        var second = memory.TryRent(Piece, Block, mayExceed: false)!;
        (second, ArrayOf(second)).ShouldBe((buffer, array));
        second.Recycle();
        Ticks(memory, 6);
        var third = memory.TryRent(Piece, Block, mayExceed: false)!;
        third.ShouldNotBeSameAs(buffer);
        ArrayOf(third).ShouldNotBeSameAs(array);
    }

    private static byte[] ArrayOf(PieceBuffer buffer)
    {
        MemoryMarshal.TryGetArray(buffer.Memory, out var array).ShouldBeTrue();
        return array.Array!;
    }

    private static void Ticks(PieceMemory memory, int count)
    {
        for (var tick = 0; tick < count; tick++)
        {
            memory.Tick();
        }
    }
}
