using Pier.InteropTests.Programs;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Volumes;

/// <summary>A mount that a process shows in a mount namespace of its own, as containers do, is not ended behind its back.</summary>
public sealed class HeldMountTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whoever_shows_it_elsewhere_is_named_and_holds_it_unless_it_is_forced(bool isForced)
    {
        await using var home = TempFolder.Create("held");
        var (folder, elsewhere) = (home.MakeFolder("mnt"), home.MakeFolder("elsewhere"));
        await File.WriteAllBytesAsync(home.Below("data"), new byte[300_000], Token);
        await using var pier = await PierProgram.StartAsync(Token);
        var magnet = await pier.SeedAsync(home.Below("data"), Token);
        (await pier.RunAsync(Token, "mount", magnet, folder)).OrThrow();

        // One has a copy of the whole tree of folders, as services have; the other binds this folder, and has no other way to it.
        await using var copy = await InNamespaceAsync(home, "copy", "true");
        await using var container = await InNamespaceAsync(home, "container", $"mount --bind {folder} {elsewhere} && umount {folder}");
        var refused = await pier.RunAsync(Token, "umount", folder);
        refused.ExitCode.ShouldNotBe(0);
        refused.Error.ShouldContain($"by process {container.Id} (s");
        refused.Error.ShouldContain("End that first; --force");
        MountTable.PointsBelow(folder).ShouldHaveSingleItem("it is as it was");
        (await File.ReadAllBytesAsync(Path.Combine(folder, "data"), Token)).Length.ShouldBe(300_000);

        if (!isForced)
        {
            await container.KillAsync(Token);
            await Eventually.TrueAsync(async () => (await pier.RunAsync(Token, "umount", folder)).ExitCode == 0, "nobody shows it any more", Deadline, Token);
        }
        else
        {
            (await pier.RunAsync(Token, "umount", "--force", folder)).OrThrow();
            (await Command.RunAsync("nsenter", ["--target", $"{container.Id}", "--mount", "cat", Path.Combine(elsewhere, "data")], Token)).ExitCode.ShouldNotBe(0, "it ends there too");
        }

        MountTable.PointsBelow(folder).ShouldBeEmpty();
    }

    private static async Task<ExternalProcess> InNamespaceAsync(TempFolder home, string name, string script)
    {
        var process = await ExternalProcess.StartAsync(
            new ProcessPlan(name, RequiredTool.Path("unshare", "apt-get install util-linux"),
                ["--mount", "--propagation", "private", "sh", "-c", $"{script} && touch {home.Below(name)} && exec sleep 1000"]), Token);
        await Eventually.TrueAsync(() => File.Exists(home.Below(name)) || process.HasExited, $"{name} is in its namespace", Deadline, Token);
        process.HasExited.ShouldBeFalse(process.Log.Tail(5));
        return process;
    }
}
