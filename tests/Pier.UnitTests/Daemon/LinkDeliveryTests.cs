using Pier.Cli;
using Pier.TestKit.Files;
using Pier.UnitTests.Cli;

namespace Pier.UnitTests.Daemon;

/// <summary>The symbolic links that <c>pier get</c> makes: they lead nowhere but into their folder, and cost nobody a file.</summary>
public sealed class LinkDeliveryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nothing_is_written_through_a_link_of_an_earlier_torrent(bool link)
    {
        await using var folder = TempFolder.Create("through");
        await File.WriteAllBytesAsync(folder.Below(folder.MakeFolder("one", "dest", "s"), "f"), [1], Token);
        File.CreateSymbolicLink(Path.Combine(folder.MakeFolder("one", "dest", "p", "q"), "r"), "../../s");
        var inLink = folder.MakeFolder("two", "dest", "p", "q", "r");
        if (link)
        {
            // Both stay within as they are written; in s the first would lead three folders up.
            File.CreateSymbolicLink(Path.Combine(inLink, "y"), "../../../.ssh");
            File.CreateSymbolicLink(Path.Combine(folder.MakeFolder("two", "dest", "s", "y"), "authorized_keys"), "../../key");
            await File.WriteAllBytesAsync(folder.Below("two", "dest", "key"), [1], Token);
        }
        else
        {
            await File.WriteAllBytesAsync(Path.Combine(inLink, "f"), [2], Token);
        }
        var outside = folder.MakeFolder("home", ".ssh");
        var destination = folder.MakeFolder("home", "of");
        await using var daemon = await TestDaemon.StartAsync(folder, new Uri("http://127.0.0.1:1/"), Token);
        (await GetAsync(daemon, folder, folder.Below("one", "dest"), destination)).ShouldSatisfyAllConditions(run => run.ExitCode.ShouldBe(0, run.Error));

        var second = await GetAsync(daemon, folder, folder.Below("two", "dest"), destination);

        Directory.EnumerateFileSystemEntries(outside).ShouldBeEmpty();
        second.ExitCode.ShouldBe(ExitCode.Failed);
        second.Error.ShouldContain($"{Path.Combine(destination, "dest", "p", "q", "r")} is a symbolic link; nothing is written through it");
        (await File.ReadAllBytesAsync(Path.Combine(destination, "dest", "s", "f"), Token)).ShouldBe([1]);
    }

    [Theory]
    [InlineData("link/mine", "bears its name")]
    [InlineData("link.pier-part/mine", "")]
    public async Task A_link_that_cannot_be_made_costs_nothing_that_is_there(string there, string problem)
    {
        await using var folder = TempFolder.Create("there");
        await File.WriteAllBytesAsync(folder.Below(folder.MakeFolder("tree"), "data"), [1], Token);
        File.CreateSymbolicLink(folder.Below("tree", "link"), "data");
        var mine = folder.Below("out", "tree", there);
        Directory.CreateDirectory(Path.GetDirectoryName(mine)!);
        await File.WriteAllBytesAsync(mine, [2], Token);
        var link = folder.Below("out", "tree", "link");
        if (!Directory.Exists(link))
        {
            await File.WriteAllBytesAsync(link, [3], Token);
        }
        await using var daemon = await TestDaemon.StartAsync(folder, new Uri("http://127.0.0.1:1/"), Token);

        var run = await GetAsync(daemon, folder, folder.Below("tree"), folder.Below("out"));

        run.ExitCode.ShouldBe(ExitCode.Failed);
        run.Error.ShouldContain($"pier: The symbolic link {link} cannot be made: ");
        run.Error.ShouldContain(problem);
        run.Error.ShouldContain("→ Choose another DEST");
        File.Exists(mine).ShouldBeTrue();
        new FileInfo(link).LinkTarget.ShouldBeNull();
    }

    private static async Task<CliRun> GetAsync(TestDaemon daemon, TempFolder folder, string source, string destination)
    {
        var torrent = folder.Below("t.torrent");
        File.Delete(torrent);
        (await CliRun.OfAsync("seed", source, "--torrent", torrent, "--socket", daemon.Options.Socket)).ShouldSatisfyAllConditions(run => run.ExitCode.ShouldBe(0, run.Error));
        return await CliRun.OfAsync("get", torrent, destination, "--socket", daemon.Options.Socket);
    }
}
