using Pier.BitTorrent.Pieces;

namespace Pier.UnitTests.BitTorrent.Pieces;

/// <summary>Memory for pieces: bounded while lent, used again, and let go when no pieces come.</summary>
public sealed class PieceMemoryTests
{
    private const int Piece = 1 << 20;

    [Fact]
    public void What_is_given_back_is_lent_again()
    {
        var memory = new PieceMemory(4 * Piece, new PieceArrays(Piece));
        var first = memory.TryRent(Piece, mayExceed: false)!;
        var second = memory.TryRent(Piece - 5, mayExceed: false)!;
        second.ShouldNotBeSameAs(first);
        memory.Return(first, Piece);
        memory.Return(second, Piece - 5);
        memory.Lent.ShouldBe(0);
        memory.TryRent(Piece - 100, mayExceed: false).ShouldBeSameAs(first);
        memory.TryRent(Piece, mayExceed: false).ShouldNotBeSameAs(second, "more is not kept than may be");
    }

    [Fact]
    public void Beyond_the_bound_only_who_may_exceed_it_gets_some()
    {
        var memory = new PieceMemory(Piece, new PieceArrays(Piece));
        memory.TryRent(Piece, mayExceed: false).ShouldNotBeNull();
        memory.TryRent(1, mayExceed: false).ShouldBeNull();
        memory.TryRent(1, mayExceed: true).ShouldNotBeNull();
        memory.Lent.ShouldBe(Piece + 1);
    }

    [Fact]
    public void When_no_piece_comes_for_a_while_nothing_is_kept()
    {
        var memory = new PieceMemory(4 * Piece, new PieceArrays(Piece));
        var array = memory.TryRent(Piece, mayExceed: false)!;
        Ticks(memory, 10);
        memory.Return(array, Piece);
        Ticks(memory, 4);
        memory.TryRent(Piece, mayExceed: false).ShouldBeSameAs(array);
        memory.Return(array, Piece);
        Ticks(memory, 6);
        memory.TryRent(Piece, mayExceed: false).ShouldNotBeSameAs(array);
    }

    private static void Ticks(PieceMemory memory, int count)
    {
        for (var tick = 0; tick < count; tick++)
        {
            memory.Tick();
        }
    }
}
