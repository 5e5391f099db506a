using Pier.Content;
using Pier.Store.Partial;

namespace Pier.UnitTests.Store;

/// <summary>Ranges drawn as pictures: '#' is in the set, '.' is not.</summary>
public sealed class RangeMapTests
{
    [Theory]
    [InlineData("........", 2, 3, "..###...")]
    [InlineData("..##....", 4, 2, "..####..")]
    [InlineData("....##..", 2, 2, "..####..")]
    [InlineData("##....##", 2, 4, "########")]
    [InlineData("#.#.#.#.", 1, 5, "#######.")]
    [InlineData(".####...", 2, 2, ".####...")]
    [InlineData("..##....", 0, 8, "########")]
    [InlineData("##...##.", 3, 1, "##.#.##.")]
    [InlineData("##...##.", 3, 0, "##...##.")]
    public void Adding_joins_what_overlaps_or_touches(string before, int offset, int length, string after)
    {
        var map = Draw(before);

        map.Add(new ByteRange(offset, length));

        Picture(map, 8).ShouldBe(after);
        map.Total.ShouldBe(after.Count(c => c == '#'));
        map.Count.ShouldBe(after.Split('.', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Theory]
    [InlineData("..###...", 2, 3, true)]
    [InlineData("..###...", 3, 1, true)]
    [InlineData("..###...", 1, 2, false)]
    [InlineData("..###...", 4, 2, false)]
    [InlineData("..###...", 7, 0, true)]
    [InlineData("##.##...", 0, 5, false)]
    public void Contains_a_range_only_when_all_of_it_is_there(string picture, int offset, int length, bool expected) =>
        Draw(picture).Contains(new ByteRange(offset, length)).ShouldBe(expected);

    [Theory]
    [InlineData("..##..##", 0, 99, 0, 2)]
    [InlineData("..##..##", 2, 99, 4, 2)]
    [InlineData("..##..##", 5, 99, 5, 1)]
    [InlineData("..##..##", 6, 99, 0, 2)]
    [InlineData("..##..##", 8, 99, 0, 2)]
    [InlineData("..##..##", 99, 99, 0, 2)]
    [InlineData("..##....", 0, 1, 0, 1)]
    [InlineData("####....", 1, 3, 4, 3)]
    [InlineData("########", 0, 9, -1, 0)]
    public void The_next_missing_range_wraps_round_and_is_limited(string picture, int from, int limit, int offset, int length) =>
        Draw(picture).NextMissing(from, limit, 8).ShouldBe(offset < 0 ? null : new ByteRange(offset, length));

    [Theory]
    [InlineData("..##..##", 0, 0)]
    [InlineData("..##..##", 2, 4)]
    [InlineData("..##..##", 3, 4)]
    [InlineData("..##..##", 4, 4)]
    [InlineData("########", 0, 8)]
    public void A_run_ends_where_the_first_gap_begins(string picture, int offset, int end) => Draw(picture).RunEnd(offset).ShouldBe(end);

    [Fact]
    public void Negative_ranges_are_refused()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => new RangeMap().Add(new ByteRange(-1, 2)));
        Should.Throw<ArgumentOutOfRangeException>(() => new RangeMap().Add(new ByteRange(1, -2)));
    }

    [Fact]
    public void A_clone_is_independent()
    {
        var map = Draw("##..");
        var clone = map.Clone();

        map.Add(new ByteRange(3, 1));

        Picture(clone, 4).ShouldBe("##..");
        clone.Total.ShouldBe(2);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Behaves_as_an_array_of_flags_would(int seed)
    {
        const int Length = 200;
        var random = new Random(seed);
        for (var round = 0; round < 300; round++)
        {
            var model = new bool[Length];
            var map = new RangeMap();
            for (var step = 0; step < 30; step++)
            {
                var offset = random.Next(Length);
                var range = new ByteRange(offset, random.Next(Math.Min(30, Length - offset + 1)));
                map.Add(range);
                Array.Fill(model, true, offset, (int)range.Length);
                Compare(map, model, random);
            }
        }
    }

    private static void Compare(RangeMap map, bool[] model, Random random)
    {
        Picture(map, model.Length).ShouldBe(string.Concat(model.Select(flag => flag ? '#' : '.')));
        map.Total.ShouldBe(model.Count(flag => flag));
        var from = random.Next(model.Length);
        var end = from + random.Next(model.Length - from);
        map.Contains(new ByteRange(from, end - from)).ShouldBe(model[from..end].All(flag => flag));
        var runEnd = Array.IndexOf(model, false, from);
        map.RunEnd(from).ShouldBe(runEnd < 0 ? model.Length : runEnd);
        var gap = Array.IndexOf(model, false, from, end - from);
        var gapEnd = gap < 0 ? -1 : Array.IndexOf(model, true, gap, end - gap);
        map.NextGap(from, end).ShouldBe(gap < 0 ? null : new ByteRange(gap, (gapEnd < 0 ? end : gapEnd) - gap));
    }

    private static RangeMap Draw(string picture) => new(picture.Select((c, i) => (c, i)).Where(pair => pair.c == '#').Select(pair => new ByteRange(pair.i, 1)));

    private static string Picture(RangeMap map, int length)
    {
        var picture = new char[length];
        Array.Fill(picture, '.');
        foreach (var range in map)
        {
            Array.Fill(picture, '#', (int)range.Offset, (int)range.Length);
        }

        return new string(picture);
    }
}
