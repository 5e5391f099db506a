using System.CommandLine;
using Pier.Api;
using Pier.Api.Nodes;
using Pier.Cli.Output;
using Pier.Cli.Sessions;
using Spectre.Console;

namespace Pier.Cli.Commands;

/// <summary><c>pier top</c>: what moves now, again and again.</summary>
internal static class TopCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var every = new Option<double?>("--every") { HelpName = "SECONDS", Description = "Seconds between two looks (default 1)" };
        var count = new Option<int>("--count") { HelpName = "N", Description = "Stop after so many looks (default: go on; 1 where the output is no terminal)" };
        var command = new PierCommand("top", "Show rates, and what is arriving from where, until Ctrl-C",
            ("pier top", "A screen that renews itself"),
            ("pier top --json", "One look, for programs"),
            ("pier top --every 5 --count 12 > log", "Plain text, one look after the other"))
        { every, count };
        command.Validators.Add(result =>
        {
            if (result.GetValue(every) is { } seconds and not (>= 0.1 and <= 3600) || result.GetValue(count) < 0)
            {
                result.AddError("--every takes 0.1 to 3600 seconds, --count no negative number.");
            }
        });
        return command.Does(async (session, parsed, cancellationToken) =>
        {
            var interval = TimeSpan.FromSeconds(parsed.GetValue(every) ?? 1);
            var isTerminal = session.Output == Console.Out && !Console.IsOutputRedirected;
            var looks = session.Json ? 1 : parsed.GetValue(count) is > 0 and var wanted ? wanted : isTerminal ? int.MaxValue : 1;
            if (isTerminal && !session.Json)
            {
                await AnsiConsole.Live(new Text("")).StartAsync(screen => RunAsync(
                    session, interval, looks,
                    page =>
                    {
                        screen.UpdateTarget(new Text(page));
                        screen.Refresh();
                    },
                    cancellationToken));
                return;
            }
            await RunAsync(session, interval, looks, session.Output.Write, cancellationToken);
        });
    }

    private static async Task RunAsync(Session session, TimeSpan interval, int looks, Action<string> show, CancellationToken cancellationToken)
    {
        var (before, taken) = (await StatusAsync(session, cancellationToken), session.Clock.GetTimestamp());
        for (var look = 0; look < looks; look++)
        {
            await Task.Delay(interval, session.Clock, cancellationToken);
            var now = await StatusAsync(session, cancellationToken);
            var report = TopReport.Of(before, now, session.Clock.GetElapsedTime(taken));
            (before, taken) = (now, session.Clock.GetTimestamp());
            if (session.Json)
            {
                session.Write(report, CliJson.Default.TopReport, _ => { });
                continue;
            }
            await using var page = new StringWriter();
            report.Render(page);
            show(page.ToString());
        }
    }

    private static Task<NodeStatus> StatusAsync(Session session, CancellationToken cancellationToken) =>
        session.Daemon.GetAsync(ApiPaths.Status, ApiJson.Default.NodeStatus, cancellationToken);
}
