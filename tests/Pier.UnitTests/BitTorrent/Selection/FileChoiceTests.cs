using System.Text;
using Pier.BitTorrent.Magnets;
using Pier.BitTorrent.Selection;
using Pier.BitTorrent.Torrents;

namespace Pier.UnitTests.BitTorrent.Selection;

/// <summary>Which files patterns, indices and priorities mean.</summary>
public sealed class FileChoiceTests
{
    private const FilePriority No = FilePriority.Skip;
    private const FilePriority Yes = FilePriority.Normal;

    // 0 a.txt, 1 padding, 2 docs/b.txt, 3 docs/deep/c.bin, 4 data.bin
    private static readonly Metainfo Torrent = Parse();

    [Theory]
    [InlineData("*.txt", "xx  ")]
    [InlineData("docs", " xx ")]
    [InlineData("docs/", " xx ")]
    [InlineData("docs/*", " xx ")]
    [InlineData("docs/*.txt", " x  ")]
    [InlineData("/data.bin", "   x")]
    [InlineData("**/c.bin", "  x ")]
    [InlineData("docs/**/c.bin", "  x ")]
    [InlineData("**", "xxxx")]
    [InlineData("d*", " xxx")]
    [InlineData("?.txt", "xx  ")]
    [InlineData("0", "x   ")]
    [InlineData("2-3", " xx ")]
    [InlineData("0,4", "x  x")]
    [InlineData("0-9999", "xxxx")]
    public void A_pattern_selects(string pattern, string selected) =>
        Text(FileChoice.Of([FilePattern.Parse(pattern)], []).Resolve(Torrent)).ShouldBe(selected);

    [Theory]
    [InlineData("*.iso")]
    [InlineData("docs/deep/c")]
    [InlineData("1")]
    [InlineData("a")]
    [InlineData("DOCS")]
    public void A_pattern_that_names_nothing_is_named(string pattern) =>
        Should.Throw<FileChoiceException>(() => FileChoice.Of([FilePattern.Parse(pattern)], []).Resolve(Torrent)).Message.ShouldContain($"'{pattern}'");

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("3-1")]
    [InlineData("1,")]
    [InlineData("-")]
    [InlineData("99999999999")]
    public void A_malformed_pattern_is_refused(string pattern) => Should.Throw<FileChoiceException>(() => FilePattern.Parse(pattern));

    [Fact]
    public void Priorities_order_what_is_selected_and_select_nothing()
    {
        FileRule[] rules = [FileRule.Parse("**=low"), FileRule.Parse("docs=high"), FileRule.Parse("a.txt=skip")];

        FileChoice.Of([], rules).Resolve(Torrent).ShouldBe([No, No, FilePriority.High, FilePriority.High, FilePriority.Low]);
        FileChoice.Of([FilePattern.Parse("docs/b.txt")], rules[..2]).Resolve(Torrent).ShouldBe([No, No, FilePriority.High, No, No]);
    }

    [Fact]
    public void Two_choices_want_what_either_wants() =>
        FileChoice.Of([FilePattern.Parse("a.txt")], [FileRule.Parse("a.txt=low")])
            .With(FileChoice.Of([FilePattern.Parse("**/*.txt")], []))
            .With(FileChoice.Of([FilePattern.Parse("data.bin")], [FileRule.Parse("data.bin=high")]))
            .Resolve(Torrent).ShouldBe([Yes, No, Yes, No, FilePriority.High]);

    [Theory]
    [InlineData("docs")]
    [InlineData("=high")]
    [InlineData("docs=urgent")]
    public void A_malformed_rule_is_refused(string rule) => Should.Throw<FileChoiceException>(() => FileRule.Parse(rule));

    [Fact]
    public void A_magnet_link_selects_by_index()
    {
        var link = MagnetLink.Parse($"magnet:?xt=urn:btih:{new string('a', 40)}&so=0,3-4");

        FileChoice.Of(link).Resolve(Torrent).ShouldBe([Yes, No, No, Yes, Yes]);
        FileChoice.Of(MagnetLink.Parse($"magnet:?xt=urn:btih:{new string('a', 40)}")).ShouldBeSameAs(FileChoice.All);
    }

    [Fact]
    public void All_and_none_leave_padding_out()
    {
        FileChoice.All.Resolve(Torrent).ShouldBe([Yes, No, Yes, Yes, Yes]);
        FileChoice.None.Resolve(Torrent).ShouldAllBe(priority => priority == No);
    }

    [Fact]
    public void A_pattern_of_many_stars_does_not_take_long()
    {
        var pattern = FilePattern.Parse(string.Concat(Enumerable.Repeat("**/*a*a*a*/", 60)) + "x");

        pattern.Matches(0, [.. Enumerable.Repeat(new string('a', 250) + "b", 64)]).ShouldBeFalse();
    }

    /// <summary>A picture of the files that are not padding.</summary>
    private static string Text(IReadOnlyList<FilePriority> priorities) =>
        string.Concat(priorities.Where((_, index) => index != 1).Select(priority => priority == No ? ' ' : 'x'));

    private static Metainfo Parse()
    {
        const string files = "ld6:lengthi1e4:pathl5:a.txteed4:attr1:p6:lengthi16383e4:pathl4:.pad5:16383eed6:lengthi1e4:pathl4:docs5:b.txtee"
            + "d6:lengthi1e4:pathl4:docs4:deep5:c.binee" + "d6:lengthi1e4:pathl8:data.bineee";
        var info = $"d5:files{files}4:name4:tree12:piece lengthi16384e6:pieces40:{new string('x', 40)}e";
        return Metainfo.ParseInfo(Encoding.ASCII.GetBytes(info), MetainfoEnvelope.Empty, MetainfoLimits.Default);
    }
}
