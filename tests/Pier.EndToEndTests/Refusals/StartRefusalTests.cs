using Pier.TestKit.Engines;
using Pier.TestKit.Files;
using Pier.TestKit.Network;
using Pier.TestKit.Processes;

namespace Pier.EndToEndTests.Refusals;

/// <summary>What pierd does not start with: it ends at once, and says what is wrong, where, and what to do.</summary>
public sealed class StartRefusalTests
{
    private static readonly Uri Nowhere = new("http://10.77.0.250:5000/");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_taken_port_names_the_process_and_the_flag()
    {
        await using var network = await TestNetwork.CreateAsync(Cancel);
        var host = await network.AddHostAsync("one", Cancel);
        await using var running = await PierNode.StartAsync(host, new PierNodePlan { DockerHub = Nowhere }, Cancel);

        var refusal = await ExpectRefusalAsync(host, new PierNodePlan { DockerHub = Nowhere });

        refusal.ShouldContain("5055");
        refusal.ShouldContain("--registry");
        refusal.ShouldContain("pierd");
        refusal.ShouldContain(running.Daemon.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task A_second_daemon_on_the_same_state_is_refused_and_the_first_goes_on()
    {
        await using var network = await TestNetwork.CreateAsync(Cancel);
        await using var running = await PierNode.StartAsync(await network.AddHostAsync("one", Cancel), new PierNodePlan { DockerHub = Nowhere }, Cancel);

        var refusal = await ExpectRefusalAsync(
            await network.AddHostAsync("two", Cancel), new PierNodePlan { DockerHub = Nowhere, State = running.State });

        refusal.ShouldContain(running.State);
        (await running.StatusAsync(Cancel)).StateFolder.ShouldBe(running.State);
    }

    [Fact]
    public async Task A_state_folder_that_is_a_file_is_named()
    {
        await using var network = await TestNetwork.CreateAsync(Cancel);
        await using var folder = TempFolder.Create("state");
        var state = folder.Below("state");
        await File.WriteAllTextAsync(state, "not a folder", Cancel);

        var refusal = await ExpectRefusalAsync(await network.AddHostAsync("one", Cancel), new PierNodePlan { DockerHub = Nowhere, State = state });

        refusal.ShouldContain(state);
        (await File.ReadAllTextAsync(state, Cancel)).ShouldBe("not a folder");
    }

    [Fact]
    public async Task A_state_folder_on_a_read_only_disk_is_named()
    {
        await using var network = await TestNetwork.CreateAsync(Cancel);
        await using var disk = await TinyTmpfs.MountAsync(1 << 20, Cancel);
        (await Command.RunAsync("mount", ["-o", "remount,ro", disk.Path], Cancel)).OrThrow();
        var state = Path.Combine(disk.Path, "state");

        var refusal = await ExpectRefusalAsync(await network.AddHostAsync("one", Cancel), new PierNodePlan { DockerHub = Nowhere, State = state });

        refusal.ShouldContain(state);
    }

    /// <summary>Starts pierd, expects it to end with an error by itself, and returns what it wrote.</summary>
    private static async Task<string> ExpectRefusalAsync(NetworkHost host, PierNodePlan plan)
    {
        await using var folder = TempFolder.Create("refused");
        var process = await PierNode.WritePlanAsync(host, folder, plan, Cancel);
        await using var started = await ExternalProcess.StartAsync(process with { Ready = Readiness.AtOnce }, Cancel);

        (await started.WaitForExitAsync(TimeSpan.FromSeconds(15), Cancel)).ShouldNotBe(0);

        started.Log.Lines.Count.ShouldBeLessThan(10, "a refusal is a sentence, not a stack trace:\n" + started.Log.Tail(40));
        return started.Log.Tail(10);
    }
}
