using Pier.InteropTests.Engine;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Programs;

/// <summary><c>pier get</c> of a torrent that the very node seeds or is fetching already.</summary>
public sealed class GetFromHereTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    [InlineData("hybrid")]
    public async Task What_the_node_seeds_is_copied_by_link_and_by_file(string format)
    {
        await using var home = TempFolder.Create("here");
        var tree = SampleTree.Write(home);
        await File.WriteAllBytesAsync(Path.Combine(tree, "empty"), [], Token);
        var torrent = home.Below("tree.torrent");
        await using var pier = await PierProgram.StartAsync(Token);
        var printed = await pier.LinesAsync(Token, "seed", tree, "--format", format, "--torrent", torrent);
        var sources = printed.Where(line => line.StartsWith("magnet:", StringComparison.Ordinal)).Append(torrent).ToArray();

        foreach (var (index, source) in sources.Index())
        {
            var got = home.Below($"got{index}");
            (await pier.RunAsync(Token, "get", source, got)).OrThrow();
            (await Command.RunAsync("diff", ["-r", tree, got], Token)).OrThrow();
        }
        (await pier.LinesAsync(Token, "seed", "--list")).ShouldContain(line => line.Contains("seeding", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_seed_whose_file_has_changed_is_not_taken_for_the_torrent()
    {
        await using var home = TempFolder.Create("here");
        await File.WriteAllBytesAsync(home.Below("data.bin"), new byte[1_000_000], Token);
        await using var pier = await PierProgram.StartAsync(Token);
        var magnet = await pier.SeedAsync(home.Below("data.bin"), Token);
        var changed = new byte[1_000_000];
        changed[777_777] = 1;
        await File.WriteAllBytesAsync(home.Below("data.bin"), changed, Token);

        var refused = await pier.RunAsync(Token, "get", magnet, home.Below("got"));

        refused.ExitCode.ShouldBe(6, refused.Error);
        refused.Error.ShouldContain("have changed");
        Path.Exists(home.Below("got")).ShouldBeFalse();
    }

    [Fact]
    public async Task Two_at_once_share_one_swarm()
    {
        await using var home = TempFolder.Create("here");
        var bytes = new byte[4 << 20];
        new Random(9).NextBytes(bytes);
        await File.WriteAllBytesAsync(home.Below("data.bin"), bytes, Token);
        // Slow enough that the second begins while the first is under way.
        await using var seed = await PierProgram.StartAsync(Token, flags: ["--upload-limit", "1MiB"]);
        await using var pier = await PierProgram.StartAsync(Token);
        var magnet = await seed.SeedAsync(home.Below("data.bin"), Token);

        var results = await Task.WhenAll(
            pier.RunAsync(Token, "get", magnet, home.Below("first")), pier.RunAsync(Token, "get", magnet, home.Below("second")));

        foreach (var (name, result) in new[] { "first", "second" }.Zip(results))
        {
            result.OrThrow();
            (await File.ReadAllBytesAsync(home.Below(name), Token)).AsSpan().SequenceEqual(bytes).ShouldBeTrue(name);
        }
        (await pier.LinesAsync(Token, "status", "--json"))[0].ShouldContain("\"swarms\":[]");
    }
}
