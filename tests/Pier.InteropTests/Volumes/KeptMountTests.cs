using System.Security.Cryptography;
using System.Text.Json;
using Pier.InteropTests.Programs;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Volumes;

/// <summary>Mounts that are kept while the daemon is away: whoever reads in the middle of it notices nothing.</summary>
public sealed class KeptMountTests
{
    private const int Size = 24 << 20;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Readers_go_on_over_a_killed_daemon()
    {
        await using var home = TempFolder.Create("kept");
        var (source, folder) = (home.MakeFolder("data"), home.MakeFolder("mnt"));
        var (big, small) = (RandomNumberGenerator.GetBytes(Size), RandomNumberGenerator.GetBytes(100_000));
        await File.WriteAllBytesAsync(home.Below("data", "big"), big, Token);
        await File.WriteAllBytesAsync(home.Below("data", "small"), small, Token);
        await using var seed = await PierProgram.StartAsync(Token);
        var magnet = await seed.SeedAsync(source, Token);
        await using var pier = await PierProgram.StartAsync(Token, flags: ["--mounts-wait", "1h"]);
        (await pier.RunAsync(Token, "mount", "-o", "limit=2m", magnet, folder)).OrThrow();

        // One that the kernel reads itself by now, one in the middle of being read.
        (await File.ReadAllBytesAsync(Path.Combine(folder, "small"), Token)).ShouldBe(small);
        await using var open = File.OpenRead(Path.Combine(folder, "small"));
        var reading = Command.RunAsync("sha256sum", [Path.Combine(folder, "big")], Token);
        await Eventually.TrueAsync(async () => await LocalAsync(pier) > Size / 10, "some of it is here", Deadline, Token);

        await pier.Daemon.KillAsync(Token);
        var mounts = MountTable.MountsBelow(folder);
        mounts.ShouldHaveSingleItem();
        var listing = Command.RunAsync("ls", [folder], Token);
        await pier.StartAgainAsync(Token);

        (await listing.WaitAsync(Deadline, TimeProvider.System, Token)).OrThrow().Output.ShouldBe("big\nsmall\n");
        (await reading.WaitAsync(Deadline, TimeProvider.System, Token)).OrThrow().Output.ShouldStartWith(Convert.ToHexStringLower(SHA256.HashData(big)));
        MountTable.MountsBelow(folder).ShouldBe(mounts, "it is the same mount");
        var again = new byte[small.Length];
        await open.ReadExactlyAsync(again, Token);
        again.ShouldBe(small);
        (await File.ReadAllBytesAsync(Path.Combine(folder, "small"), Token)).ShouldBe(small, "also while a handle of before is open");
        await open.DisposeAsync();

        // An ordinary stop is no other: upgrades must not end what containers have mounted.
        await pier.RestartAsync(Token);
        await Eventually.TrueAsync(async () => (await Command.RunAsync("timeout", ["20", "cat", Path.Combine(folder, "small")], Token)).ExitCode == 0, "it is served again", Deadline, Token);
        MountTable.MountsBelow(folder).ShouldBe(mounts);
        await Eventually.TrueAsync(async () => (await pier.RunAsync(Token, "umount", folder)).ExitCode == 0, "nobody uses it", Deadline, Token);
        MountTable.PointsBelow(folder).ShouldBeEmpty();
    }

    [Fact]
    public async Task Nobody_waits_for_ever_for_a_daemon_that_does_not_come_back()
    {
        await using var home = TempFolder.Create("kept");
        var folder = home.MakeFolder("mnt");
        await File.WriteAllBytesAsync(home.Below("data"), new byte[300_000], Token);
        await using var pier = await PierProgram.StartAsync(Token, flags: ["--mounts-wait", "2s"]);
        var magnet = await pier.SeedAsync(home.Below("data"), Token);
        (await pier.RunAsync(Token, "mount", magnet, folder)).OrThrow();

        await pier.Daemon.KillAsync(Token);

        // The socket goes last: a daemon that finds none mounts anew at the same place.
        await Eventually.TrueAsync(() => !File.Exists(pier.StateFile("mounts.sock")), "whoever kept the mount ends", Deadline, Token);
        MountTable.PointsBelow(folder).ShouldBeEmpty("and before that the mount");
    }

    [Fact]
    public async Task What_was_written_over_a_mount_ends_with_it_also_through_a_link()
    {
        await using var home = TempFolder.Create("kept");
        var (real, folder) = (home.MakeFolder("real"), home.MakeFolder("mnt"));
        File.CreateSymbolicLink(home.Below("link"), home.Path);
        await File.WriteAllBytesAsync(home.Below("data"), new byte[300_000], Token);
        await using var pier = await PierProgram.StartAsync(Token, flags: ["--mounts-wait", "1h"], stateIn: real);
        var magnet = await pier.SeedAsync(home.Below("data"), Token);
        (await pier.RunAsync(Token, "mount", "-o", "writable=true", "-o", "quota=16m", magnet, home.Below("link", "mnt"))).OrThrow();
        await File.WriteAllTextAsync(Path.Combine(folder, "new"), "written", Token);
        var mounts = MountTable.MountsBelow(home.Path);
        mounts.Count.ShouldBe(3, "the content, what was written, and both together");

        await pier.RestartAsync(Token);
        await Eventually.TrueAsync(() => File.Exists(Path.Combine(folder, "new")), "it is served again", Deadline, Token);
        MountTable.MountsBelow(home.Path).ShouldBe(mounts, "by the same mounts");

        await pier.Daemon.KillAsync(Token);
        (await pier.EndKeeperAsync(Token)).ShouldBeTrue("it waits for the next daemon");

        await Eventually.TrueAsync(() => !File.Exists(pier.StateFile("mounts.sock")), "it ends", Deadline, Token);
        MountTable.PointsBelow(home.Path).ShouldBeEmpty("and before that all of them");
        Directory.GetFileSystemEntries(folder).ShouldBeEmpty();
        await pier.StartAgainAsync(Token);
        await Eventually.TrueAsync(() => File.Exists(Path.Combine(folder, "new")), "and come back with the daemon", Deadline, Token);
        (await pier.RunAsync(Token, "umount", home.Below("link", "mnt"))).OrThrow();
        MountTable.PointsBelow(home.Path).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_mount_that_lies_beneath_another_is_served_on_by_the_next_daemon()
    {
        await using var home = TempFolder.Create("kept");
        var (folder, bound, over) = (home.MakeFolder("mnt"), home.MakeFolder("bound"), home.MakeFolder("over"));
        await File.WriteAllBytesAsync(home.Below("data"), new byte[300_000], Token);
        await using var pier = await PierProgram.StartAsync(Token, flags: ["--mounts-wait", "1h"]);
        var magnet = await pier.SeedAsync(home.Below("data"), Token);
        (await pier.RunAsync(Token, "mount", magnet, folder)).OrThrow();
        (await Command.RunAsync("mount", ["--bind", folder, bound], Token)).OrThrow();
        (await Command.RunAsync("mount", ["--bind", over, folder], Token)).OrThrow();
        var mounts = MountTable.MountsBelow(home.Path);

        await pier.RestartAsync(Token);
        await Eventually.TrueAsync(
            async () => (await Command.RunAsync("timeout", ["20", "cat", Path.Combine(bound, "data")], Token)).ExitCode == 0, "it is served again", Deadline, Token);

        MountTable.MountsBelow(home.Path).ShouldBe(mounts, "by the same mount, and what lies over it still does");
        (await Command.RunAsync("umount", [folder], Token)).OrThrow();
        (await pier.RunAsync(Token, "umount", folder)).OrThrow();
        MountTable.PointsBelow(folder).ShouldBeEmpty();
    }

    private static async Task<long> LocalAsync(PierProgram pier) =>
        JsonDocument.Parse((await pier.RunAsync(Token, "volume", "ls", "--json")).OrThrow().Output)
            .RootElement.GetProperty("volumes").EnumerateArray().Single().GetProperty("local").GetInt64();
}
