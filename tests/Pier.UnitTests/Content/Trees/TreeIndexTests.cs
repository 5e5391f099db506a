using Pier.Content.Contracts;
using Pier.Content.Trees;
using Pier.TestKit.Trees;

namespace Pier.UnitTests.Content.Trees;

/// <summary>Names that cannot be in a tree are refused, and named.</summary>
public sealed class TreeIndexTests
{
    [Theory]
    [InlineData("", "''")]
    [InlineData("a//b", "''")]
    [InlineData("/etc/passwd", "''")]
    [InlineData("..", "'..'")]
    [InlineData("a/../../b", "'a/../../b'")]
    [InlineData("a/.", "'.'")]
    [InlineData("a\0b", "NUL")]
    public void A_hostile_path_is_refused(string path, string named) => Refused([new(path, [1])]).ShouldContain(named);

    // A theory's data would not keep a lone surrogate.
    [Fact]
    public void A_name_that_is_not_UTF8_is_refused() => Refused([new("a/\ud800", [1])]).ShouldContain("not UTF-8");

    [Fact]
    public void Long_names_and_deep_paths_are_refused()
    {
        Refused([new(new string('x', 256), [1])]).ShouldContain("longer than 255 bytes");
        Refused([new(new string('ü', 128), [1])]).ShouldContain("longer than 255 bytes");
        Refused([new(string.Join('/', Enumerable.Repeat("x", 129)), [1])]).ShouldContain("129 names");
        new MemoryTree([new(new string('ü', 127) + "x", [1])]).Root.ShouldBe(1UL);
    }

    [Theory]
    [InlineData("/etc")]
    [InlineData("..")]
    [InlineData("../../x")]
    [InlineData("x/../../../y")]
    [InlineData("")]
    public void A_link_out_of_the_tree_is_refused(string target) => Refused([new("a/link", Link: "../" + target), new("l", Link: target)]).ShouldContain("link");

    [Fact]
    public void A_link_within_the_tree_may_point_anywhere() =>
        new MemoryTree([new("a/b/link", Link: "../../x/./y"), new("loop", Link: "loop")]).Root.ShouldBe(1UL);

    [Fact]
    public void Two_of_one_path_are_refused()
    {
        Refused([new("a", [1]), new("a", [2])]).ShouldContain("'a' is there twice");
        Refused([new("a", [1]), new("a/b", [2])]).ShouldContain("'a' is both");
        Refused([new("a/b/c", [1]), new("a/b", Link: "c")]).ShouldContain("'a/b' is both");
    }

    [Fact]
    public void Names_that_differ_by_case_alone_are_two() =>
        TreeIndex.Build(2, entry => [entry == 0 ? "a" : "A"], _ => new TreeEntry(TreeNodeKind.File, 0, 0)).Count.ShouldBe(3);

    [Theory]
    [InlineData("a", "b")]
    [InlineData("a", "aa")]
    [InlineData("Z", "a")]
    [InlineData("\uffee", "\U0001f600")]
    [InlineData("x\uffeey", "x\U0001f600")]
    public void Names_are_in_the_order_of_their_bytes(string first, string second)
    {
        TreeNames.Compare(first, second).ShouldBeLessThan(0);
        TreeNames.Compare(second, first).ShouldBeGreaterThan(0);
        TreeNames.Compare(first, first).ShouldBe(0);
    }

    private static string Refused(IReadOnlyList<MemoryTreeEntry> entries) =>
        Should.Throw<ContentFormatException>(() => new MemoryTree(entries)).Message;
}
