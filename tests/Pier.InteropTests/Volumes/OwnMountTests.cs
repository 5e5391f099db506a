using Pier.InteropTests.Programs;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Volumes;

/// <summary>A daemon never opens files on its own mounts: it would wait for itself, and could not be killed.</summary>
public sealed class OwnMountTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_daemon_shows_it_does_not_seed_and_what_it_seeds_it_does_not_hide()
    {
        await using var home = TempFolder.Create("own");
        var (data, all, folder, bound) = (home.MakeFolder("data"), home.MakeFolder("all"), home.MakeFolder("all", "mnt"), home.MakeFolder("bound"));
        await File.WriteAllBytesAsync(home.Below("data", "file"), new byte[300_000], Token);
        await using var pier = await PierProgram.StartAsync(Token);
        var magnet = await pier.SeedAsync(data, Token);

        foreach (var hiding in new[] { data, home.Path })
        {
            (await pier.RunAsync(Token, "mount", magnet, hiding)).Error.ShouldContain($"'{hiding}' cannot be mounted on: {data} is seeded");
        }

        (await pier.RunAsync(Token, "mount", magnet, pier.StateFolder)).Error.ShouldContain("the daemon's state lies in");
        (await pier.RunAsync(Token, "mount", magnet, folder)).OrThrow();
        File.CreateSymbolicLink(home.Below("link"), folder);
        (await Command.RunAsync("mount", ["--bind", folder, bound], Token)).OrThrow();
        foreach (var path in new[] { folder, Path.Combine(folder, "file"), home.Below("link", "file"), Path.Combine(bound, "file"), all })
        {
            (await pier.RunAsync(Token, "seed", path)).Error.ShouldContain("which this pierd answers itself", customMessage: path);
        }

        foreach (var within in new[] { Path.Combine(folder, "file"), home.Below("link", "none"), Path.Combine(bound, "none") })
        {
            (await pier.RunAsync(Token, "mount", magnet, within)).Error.ShouldContain("lies in the volume", customMessage: within);
        }

        await File.WriteAllTextAsync(home.Below("beside"), "it", Token);
        (await pier.RunAsync(Token, "seed", home.Below("beside"))).OrThrow();

        // What somebody binds over the volume is not it: the rest of that file system is as free as before.
        await File.WriteAllTextAsync(home.Below("later"), "it too", Token);
        (await Command.RunAsync("mount", ["--bind", data, folder], Token)).OrThrow();
        (await pier.RunAsync(Token, "seed", home.Below("later"))).OrThrow();

        // Where it was bound before it is what it was.
        (await pier.RunAsync(Token, "seed", Path.Combine(bound, "file"))).Error.ShouldContain("which this pierd answers itself");
        (await pier.RunAsync(Token, "mount", magnet, Path.Combine(bound, "none"))).Error.ShouldContain("lies in the volume");

        // Nor is it unmounted in its place.
        var mounts = MountTable.MountsBelow(folder);
        mounts.Count.ShouldBe(2);
        foreach (var flags in new string[][] { [], ["--force"] })
        {
            (await pier.RunAsync(Token, ["umount", .. flags, folder])).Error.ShouldContain($"End that first: umount {folder}");
        }

        MountTable.MountsBelow(folder).ShouldBe(mounts);
        (await Command.RunAsync("umount", [folder], Token)).OrThrow();
        (await pier.RunAsync(Token, "umount", "--force", folder)).OrThrow();
    }
}
