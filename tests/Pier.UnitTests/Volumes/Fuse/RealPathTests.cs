using Pier.TestKit.Files;
using Pier.Volumes.Fuse.Device;

namespace Pier.UnitTests.Volumes.Fuse;

/// <summary>Links in every part of a path are followed; what is none stays.</summary>
public sealed class RealPathTests
{
    [Fact]
    public async Task Links_are_followed_wherever_they_are()
    {
        await using var home = TempFolder.Create("real");
        var root = RealPath.Of(home.Path);
        home.MakeFolder("a");
        File.CreateSymbolicLink(home.Below("relative"), "a");
        File.CreateSymbolicLink(home.Below("absolute"), home.Below("relative"));
        File.CreateSymbolicLink(home.Below("a", "up"), "../a/./b");
        File.CreateSymbolicLink(home.Below("one"), "two");
        File.CreateSymbolicLink(home.Below("two"), "one");

        RealPath.Of(home.Below("a")).ShouldBe($"{root}/a");
        RealPath.Of(home.Below("relative", "none", "x")).ShouldBe($"{root}/a/none/x");
        RealPath.Of(home.Below("absolute")).ShouldBe($"{root}/a");
        RealPath.Of(home.Below("absolute", "up", "c")).ShouldBe($"{root}/a/b/c");
        RealPath.Of(home.Below("one", "x")).ShouldBe(home.Below("one", "x"), "in circles");
        RealPath.Of("/").ShouldBe("/");
        Directory.CreateDirectory(home.Below("a", "deep"));
        File.CreateSymbolicLink(home.Below("leap"), "a/deep");
        File.CreateSymbolicLink(home.Below("back"), "leap/../x");
        RealPath.Of(home.Below("back")).ShouldBe($"{root}/a/x", "as the kernel goes: up from where the link leads");
        RealPath.Of("/a//b/../c").ShouldBe("/a/c");
    }

    [Fact]
    public async Task Nothing_is_asked_of_what_is_closed_and_links_lead_there_and_out_of_it_again()
    {
        await using var home = TempFolder.Create("closed");
        var root = RealPath.Of(home.Path);
        home.MakeFolder("own", "folder");
        File.CreateSymbolicLink(home.Below("own", "inner"), "/elsewhere");
        File.CreateSymbolicLink(home.Below("way"), "own");
        File.CreateSymbolicLink(home.Below("after"), "/behind");
        File.CreateSymbolicLink(home.Below("through"), "own/folder/../../after");

        RealPath.Of(home.Below("way", "inner")).ShouldBe("/elsewhere");
        Closed(home.Below("way", "inner")).ShouldBe($"{root}/own/inner");
        Closed(home.Below("through")).ShouldBe("/behind");

        string Closed(string path) => RealPath.Of(path, at => at == $"{root}/own" || at.StartsWith($"{root}/own/", StringComparison.Ordinal));
    }
}
