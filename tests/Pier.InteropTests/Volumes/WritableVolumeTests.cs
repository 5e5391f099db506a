using System.Text.Json;
using Pier.BitTorrent.Creation;
using Pier.InteropTests.Programs;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Volumes;

/// <summary>Volumes that are written over: what was written stays, is published as the same torrent everywhere, and ends at its quota.</summary>
public sealed class WritableVolumeTests
{
    private const string Make =
        """
        set -e; mkdir -p "$D/sub" "$D/old"; cd "$D"
        head -c 3000000 /dev/urandom > big; echo keep > keep; echo change > change; echo gone > gone
        echo a > sub/a; echo b > sub/b; echo x > old/x; printf '#!/bin/sh\necho ran\n' > run; chmod 755 run
        """;

    private const string Change =
        """
        set -e; cd "$D"
        echo more >> change; rm gone; rm -r old; mkdir old; echo y > old/y; mv sub/b sub/c
        printf '#!/bin/sh\necho new\n' > tool; chmod 755 tool; ln -s sub/a link; chmod 644 run
        printf over | dd of=big bs=1 seek=2000000 conv=notrunc status=none
        """;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_written_outlives_a_crash_and_becomes_the_torrent_of_the_same_files()
    {
        await using var home = TempFolder.Create("writable");
        var (source, same, folder) = (home.MakeFolder("data"), home.MakeFolder("same"), home.MakeFolder("mnt"));
        await ShellAsync(Make, source);
        (await Command.RunAsync("cp", ["-a", source + "/.", same], Token)).OrThrow();
        await ShellAsync(Change, same);
        await using var pier = await PierProgram.StartAsync(Token);
        (await pier.RunAsync(Token, "mount", "-o", "writable=true", await pier.SeedAsync(source, Token), folder)).OrThrow();

        await ShellAsync(Change, folder);
        await ShouldBeSameAsync(same, folder);
        await pier.CrashAsync(Token);
        await Eventually.TrueAsync(() => File.Exists(Path.Combine(folder, "tool")), "it is mounted again", Deadline, Token);
        await ShouldBeSameAsync(same, folder);

        var name = Path.GetFileName(Directory.GetDirectories(pier.StateFile("volumes"), "folder-*").Single());
        (await pier.RunAsync(Token, "volume", "reset", name)).Error.ShouldContain("mounted for 1 users");
        var first = await CommitAsync(pier, name);
        var again = await CommitAsync(pier, name);
        var expected = await TorrentBuilder.CreateAsync(same, new TorrentCreationOptions { Name = "changed" }, new Progress<TorrentCreationProgress>(), Token);
        first.InfoHash.ShouldBe(expected.Id.Primary.ToString());
        again.ShouldBe(first, "the same files are the same torrent, kept once");
        Directory.GetDirectories(pier.StateFile("volumes/.snapshots")).ShouldHaveSingleItem();

        // What is written later is none of the torrent's business.
        await File.WriteAllTextAsync(Path.Combine(folder, "change"), "later", Token);
        var published = home.MakeFolder("published");
        (await pier.RunAsync(Token, "mount", first.Magnet, published)).OrThrow();
        await ShouldBeSameAsync(same, published);
        (await pier.RunAsync(Token, "umount", published)).OrThrow();

        (await pier.RunAsync(Token, "umount", folder)).OrThrow();
        MountTable.PointsBelow(home.Path).ShouldBeEmpty();
        MountTable.PointsBelow(pier.StateFolder).ShouldBeEmpty();
        (await pier.RunAsync(Token, "seed", "--stop", first.InfoHash)).OrThrow();
        Directory.GetDirectories(pier.StateFile("volumes/.snapshots")).ShouldBeEmpty();
        Directory.GetDirectories(pier.StateFile("volumes"), "folder-*").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_quota_ends_what_can_be_written()
    {
        await using var home = TempFolder.Create("quota");
        var (source, folder) = (home.MakeFolder("data"), home.MakeFolder("mnt"));
        await ShellAsync(Make, source);
        await using var pier = await PierProgram.StartAsync(Token);
        (await pier.RunAsync(Token, "mount", "-o", "writable=true", "-o", "quota=20m", "-o", "uid=65534", await pier.SeedAsync(source, Token), folder)).OrThrow();

        (await Command.RunAsync("dd", ["if=/dev/zero", $"of={folder}/zeros", "bs=1M", "count=40"], Token)).Error.ShouldContain("No space left");
        new FileInfo(Path.Combine(folder, "zeros")).Length.ShouldBeInRange(8 << 20, 20 << 20);
        (await Command.RunAsync("stat", ["-c", "%u", folder], Token)).Output.Trim().ShouldBe("65534");
        await ShellAsync("rm \"$D/zeros\"; mkfifo \"$D/pipe\"", folder);
        var name = Path.GetFileName(Directory.GetDirectories(pier.StateFile("volumes"), "folder-*").Single());
        (await pier.RunAsync(Token, "volume", "commit", name)).Error.ShouldContain("pipe cannot be published");
        Directory.GetDirectories(pier.StateFile("volumes/.snapshots")).ShouldBeEmpty();

        (await pier.RunAsync(Token, "umount", folder)).OrThrow();
        MountTable.PointsBelow(pier.StateFolder).ShouldBeEmpty();
    }

    private static async Task ShellAsync(string script, string folder) =>
        (await Command.RunAsync("bash", ["-c", script], new Dictionary<string, string> { ["D"] = folder }, Token)).OrThrow();

    private static async Task<(string InfoHash, string Magnet)> CommitAsync(PierProgram pier, string volume)
    {
        var lines = await pier.LinesAsync(Token, "volume", "commit", volume, "--name", "changed", "--json");
        using var document = JsonDocument.Parse(lines[^1]);
        var seed = document.RootElement.GetProperty("seed");
        return (seed.GetProperty("infoHash").GetString()!, seed.GetProperty("magnet").GetString()!);
    }

    private static async Task ShouldBeSameAsync(string expected, string actual)
    {
        (await Command.RunAsync("diff", ["-r", "--no-dereference", expected, actual], Token)).OrThrow();
        (await RunnableAsync(actual)).ShouldBe(await RunnableAsync(expected));
    }

    private static async Task<string> RunnableAsync(string folder) =>
        (await Command.RunAsync("bash", ["-c", "cd \"$1\" && find . -type f -perm /111 | sort", "bash", folder], Token)).OrThrow().Output;
}
