using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Pier.TestKit;
using Pier.TestKit.Processes;

namespace Pier.UnitTests.TestKit;

public sealed class ExternalProcessTests
{
    private static readonly TimeSpan Soon = Eventually.Patience;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ready_when_the_log_says_so_and_both_streams_are_kept()
    {
        await using var process = await StartAsync("echo out; echo err >&2; echo ready; exec sleep 60", Readiness.WhenLogSays("ready"));

        process.Log.Lines.ShouldContain("out");
        await Eventually.TrueAsync(() => process.Log.Contains("err"), "the error stream's line", Soon, Cancel);
    }

    [Fact]
    public async Task Ready_when_a_connection_is_accepted()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();

        await using var process = await StartAsync("exec sleep 60", Readiness.WhenTcpConnects((IPEndPoint)listener.LocalEndpoint));

        process.HasExited.ShouldBeFalse();
    }

    [Fact]
    public async Task One_that_ends_before_it_is_ready_fails_with_its_last_words()
    {
        var failure = await Should.ThrowAsync<ProcessNotReadyException>(
            () => StartAsync("echo no such configuration >&2; exit 3", Readiness.WhenLogSays("ready")));

        failure.Message.ShouldContain("ended with 3");
        failure.Message.ShouldContain("no such configuration");
    }

    [Fact]
    public async Task One_that_is_late_is_killed_and_named()
    {
        var plan = Plan("echo $$; exec sleep 60", Readiness.WhenLogSays("never")) with { Deadline = TimeSpan.FromMilliseconds(300) };

        var failure = await Should.ThrowAsync<ProcessNotReadyException>(() => ExternalProcess.StartAsync(plan, Cancel));

        failure.Message.ShouldContain("the sleeper (pid ");
        var pid = failure.Message.Split("(pid ")[1].Split(')')[0];
        Directory.Exists($"/proc/{pid}").ShouldBeFalse();
    }

    [Fact]
    public async Task Disposing_kills_the_children_too()
    {
        var process = await StartAsync("sleep 60 & echo child $!; wait", Readiness.WhenLogSays("child"));
        var child = process.Log.Lines.Single(line => line.StartsWith("child ", StringComparison.Ordinal))[6..];

        await process.DisposeAsync();

        await Eventually.TrueAsync(() => !IsRunning(child), $"the end of child {child}", Soon, Cancel);
    }

    [Fact]
    public async Task Stopping_asks_first_and_returns_the_exit_code()
    {
        await using var process = await StartAsync("trap 'echo bye; exit 7' TERM; echo ready; while :; do sleep 0.05; done", Readiness.WhenLogSays("ready"));

        (await process.StopAsync(Soon, Cancel)).ShouldBe(7);

        process.Log.Contains("bye").ShouldBeTrue();
    }

    [Fact]
    public async Task A_command_returns_what_it_wrote_and_throws_when_asked_to()
    {
        var result = await Command.RunAsync("sh", ["-c", "echo out; echo why >&2; exit 4"], Cancel);

        result.ExitCode.ShouldBe(4);
        result.Output.ShouldBe("out\n");
        Should.Throw<CommandFailedException>(result.OrThrow).Message.ShouldEndWith("ended with 4: why");
    }

    [Fact]
    public void A_missing_tool_fails_with_the_command_that_installs_it()
    {
        RequiredTool.Path("sh", "apt-get install dash").ShouldEndWith("/sh");
        Should.Throw<ToolMissingException>(() => RequiredTool.Path("no-such-tool", "apt-get install no-such-package"))
            .Message.ShouldContain("apt-get install no-such-package");
    }

    [Fact]
    public void A_free_port_can_be_bound()
    {
        using var listener = new TcpListener(IPAddress.Loopback, FreePort.Next(alsoUdp: true));
        listener.Start();
    }

    [Fact]
    public async Task Waiting_ends_at_the_deadline_even_when_a_check_hangs()
    {
        var never = new TaskCompletionSource<bool>();

        var late = await Should.ThrowAsync<TimeoutException>(
            () => Eventually.TrueAsync(() => never.Task, "the end of time", TimeSpan.FromMilliseconds(50), Cancel));

        late.Message.ShouldContain("the end of time");
    }

    private static Task<ExternalProcess> StartAsync(string script, Readiness ready) => ExternalProcess.StartAsync(Plan(script, ready), Cancel);

    private static ProcessPlan Plan(string script, Readiness ready) => new("the sleeper", RequiredTool.Path("sh", "apt-get install dash"), ["-c", script])
    {
        Ready = ready,
        Deadline = Soon,
    };

    /// <summary>A killed child may wait as a zombie for whoever adopted it; that is not running.</summary>
    private static bool IsRunning(string pid)
    {
        var stat = $"/proc/{int.Parse(pid, CultureInfo.InvariantCulture)}/stat";
        try
        {
            return File.ReadAllText(stat).Split(") ")[1][0] != 'Z';
        }
        catch (IOException gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }
}
