using Pier.TestKit.Engines;
using Pier.TestKit.Files;
using Pier.TestKit.Network;
using Pier.TestKit.Processes;

namespace Pier.EndToEndTests.Refusals;

/// <summary>What pierd does not start with: it ends at once, and says what is wrong, where, and what to do.</summary>
public sealed class StartRefusalTests
{
    // docs/configuration.md, "Exit codes of pierd".
    private const int PortTaken = 3;
    private const int StateUnusable = 4;
    private const int StateInUse = 5;

    private static readonly Uri Nowhere = new("http://10.77.0.250:5000/");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_taken_port_names_the_process_and_the_flag()
    {
        await using var network = await TestNetwork.CreateAsync(Cancel);
        var host = await network.AddHostAsync("one", Cancel);
        await using var running = await PierNode.StartAsync(host, new PierNodePlan { DockerHub = Nowhere }, Cancel);

        var refusal = await ExpectRefusalAsync(host, new PierNodePlan { DockerHub = Nowhere }, PortTaken);

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
            await network.AddHostAsync("two", Cancel), new PierNodePlan { DockerHub = Nowhere, State = running.State }, StateInUse);

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

        var refusal = await ExpectRefusalAsync(await network.AddHostAsync("one", Cancel), new PierNodePlan { DockerHub = Nowhere, State = state }, StateUnusable);

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

        var refusal = await ExpectRefusalAsync(await network.AddHostAsync("one", Cancel), new PierNodePlan { DockerHub = Nowhere, State = state }, StateUnusable);

        refusal.ShouldContain(state);
    }

    [Fact]
    public async Task A_state_folder_of_another_user_is_named()
    {
        await using var network = await TestNetwork.CreateAsync(Cancel);
        await using var folder = TempFolder.Create("state");
        File.SetUnixFileMode(folder.Path, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.OtherExecute);
        var state = folder.MakeFolder("state");
        File.SetUnixFileMode(state, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        var refusal = await ExpectRefusalAsync(
            await network.AddHostAsync("one", Cancel), new PierNodePlan { DockerHub = Nowhere, State = state }, StateUnusable, AsNobody);

        refusal.ShouldContain(state);
        refusal.ShouldContain("user");
    }

    /// <summary>The same program as a user who owns nothing but may read its configuration; the namespace is entered before.</summary>
    private static ProcessPlan AsNobody(ProcessPlan plan)
    {
        var configuration = plan.Arguments[plan.Arguments.ToList().IndexOf("--config") + 1];
        File.SetUnixFileMode(configuration, File.GetUnixFileMode(configuration) | UnixFileMode.OtherRead);
        var folder = Path.GetDirectoryName(configuration)!;
        File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | UnixFileMode.OtherExecute);
        var setpriv = RequiredTool.Path("setpriv", "apt-get install util-linux");
        var program = plan.Arguments.ToList().FindIndex(argument => argument.EndsWith("/pierd", StringComparison.Ordinal));
        return plan with
        {
            Arguments =
            [
                .. plan.Arguments.Take(program), setpriv, "--reuid=65534", "--regid=65534", "--clear-groups", .. plan.Arguments.Skip(program),
            ],
        };
    }

    /// <summary>Starts pierd, expects it to end with an error by itself, and returns what it wrote.</summary>
    private static async Task<string> ExpectRefusalAsync(NetworkHost host, PierNodePlan plan, int exitCode, Func<ProcessPlan, ProcessPlan>? with = null)
    {
        await using var folder = TempFolder.Create("refused");
        var process = await PierNode.WritePlanAsync(host, folder, plan, Cancel);
        await using var started = await ExternalProcess.StartAsync((with?.Invoke(process) ?? process) with { Ready = Readiness.AtOnce }, Cancel);

        (await started.WaitForExitAsync(TimeSpan.FromSeconds(15), Cancel)).ShouldBe(exitCode, started.Log.Tail(20));

        started.Log.Lines.Count.ShouldBeLessThan(10, "a refusal is a sentence, not a stack trace:\n" + started.Log.Tail(40));
        return started.Log.Tail(10);
    }
}
