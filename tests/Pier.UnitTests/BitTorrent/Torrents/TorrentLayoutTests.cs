using Pier.BitTorrent.Torrents;
using static Pier.UnitTests.BitTorrent.Torrents.InfoText;

namespace Pier.UnitTests.BitTorrent.Torrents;

public sealed class TorrentLayoutTests
{
    private static readonly TorrentLayout V1 = ParseInfo(V1Files(
        V1File("1:a", 10) + V1File("1:b", 0) + V1File("1:c", 20_000) + V1File("1:d", 0), 2)).Layout;

    private static readonly TorrentLayout V2 = ParseInfo(V2Tree(
        Leaf("a", 10, Root('a')) + Leaf("b", 0, "") + Leaf("c", 20_000, Root('c')))).Layout;

    [Theory]
    [InlineData(0, 0)]
    [InlineData(9, 0)]
    [InlineData(10, 2)]
    [InlineData(20_009, 2)]
    public void Finds_the_file_of_a_byte(long offset, int file) => V1.FileAt(offset).ShouldBe(file);

    [Theory]
    [InlineData(-1)]
    [InlineData(20_010)]
    public void Refuses_bytes_beyond_the_files(long offset) =>
        Should.Throw<ArgumentOutOfRangeException>(() => V1.FileAt(offset));

    [Fact]
    public void Cuts_a_range_into_files()
    {
        V1.Slices(5, 100).ShouldBe([new TorrentSlice(0, 5, 5), new TorrentSlice(2, 0, 95)]);
        V1.Slices(5, 0).ShouldBeEmpty();
        Should.Throw<ArgumentOutOfRangeException>(() => V1.Slices(20_000, 100).Count());
        Should.Throw<ArgumentOutOfRangeException>(() => V2.Slices(5, 100).Count(), "a gap follows the first file");
        V2.Slices(16_384, 20_000).ShouldBe([new TorrentSlice(2, 0, 20_000)]);
    }

    [Fact]
    public void Pieces_end_with_the_space_or_with_their_file()
    {
        V1.PieceCount.ShouldBe(2);
        V1.PieceSize(1).ShouldBe(20_010 - 16_384);
        V2.PieceCount.ShouldBe(3);
        Enumerable.Range(0, 3).Select(V2.PieceSize).ShouldBe([10, 16_384, 3_616]);
        V2.PieceOffset(2).ShouldBe(32_768);
        Should.Throw<ArgumentOutOfRangeException>(() => V2.PieceSize(3));
        Should.Throw<ArgumentOutOfRangeException>(() => V2.PieceOffset(-1));
        Should.Throw<ArgumentOutOfRangeException>(() => V2.FileAt(10));
    }
}
