using Pier.InteropTests.Engine;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Volumes;

/// <summary>
/// <c>pierd first</c> as the first process of a namespace, as it is in the managed plugin: it takes note of the ends of processes
/// whose parents are gone, while the daemon runs, and starts a killed daemon again.
/// </summary>
public sealed class FirstProcessTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Orphans_are_taken_note_of_and_a_killed_daemon_comes_back()
    {
        await using var home = TempFolder.Create("first");
        var control = FreePort.Next();
        var pierd = RequiredTool.Path(Path.Combine(AppContext.BaseDirectory, "pierd"), "dotnet build");
        await using var space = await ExternalProcess.StartAsync(
            new ProcessPlan("first", RequiredTool.Path("unshare", "apt-get install util-linux"),
            [
                "--pid", "--fork", "--mount-proc", "--kill-child", pierd, "first", "--state", home.Below("state"), "--socket", home.Below("s"),
                "--registry", $"127.0.0.1:{FreePort.Next()}", "--peers", $"127.0.0.1:{FreePort.Next(alsoUdp: true)}",
                "--control", $"127.0.0.1:{control}", "--node", $"127.0.0.1:{FreePort.Next()}",
            ])
            {
                Ready = Readiness.WhenHttpAnswers(new Uri($"http://127.0.0.1:{control}/readyz")),
            }, Token);
        var first = Find(home, pierd, "first").ShouldHaveSingleItem();
        var daemon = Find(home, pierd, "--state").ShouldHaveSingleItem();

        // Its parent ends at once, and leaves it to the first process.
        var orphan = (await InsideAsync(first, "sleep 600 >/dev/null 2>&1 & echo $!")).Trim();
        var shown = $"/proc/{first}/root/proc/{orphan}";
        await Eventually.TrueAsync(() => File.ReadAllLines($"{shown}/status").Contains("PPid:\t1"), "it is the first process's", Deadline, Token);
        await InsideAsync(first, $"kill -9 {orphan}");
        await Eventually.TrueAsync(() => !Directory.Exists(shown), "nothing is left of it", Deadline, Token);
        Find(home, pierd, "--state").ShouldBe([daemon], "the daemon ran all the time");

        StartedProcesses.Kill(daemon);
        await Eventually.TrueAsync(() => space.Log.Contains("pierd ended with 137; it is started again in 0 s"), "its end is known as it was", Deadline, Token);
        await Eventually.TrueAsync(() => Find(home, pierd, "--state") is [var next] && next != daemon, "another runs", Deadline, Token);
    }

    private static IReadOnlyList<int> Find(TempFolder home, string pierd, string flag) => StartedProcesses.Find((_, words) =>
        words.Count > 2 && words[0] == pierd && words[1] == flag && words.Contains(home.Below("state")));

    private static async Task<string> InsideAsync(int first, string script) =>
        (await Command.RunAsync("nsenter", ["--target", $"{first}", "--pid", "--mount", "sh", "-c", script], Token)).OrThrow().Output;
}
