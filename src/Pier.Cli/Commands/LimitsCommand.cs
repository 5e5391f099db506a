using System.CommandLine;
using System.Globalization;
using Pier.Api;
using Pier.Api.Limits;
using Pier.Cli.Output;
using Pier.Cli.Sessions;

namespace Pier.Cli.Commands;

/// <summary><c>pier limits</c>: what may pass to and from peers, shown and changed while the daemon runs.</summary>
internal static class LimitsCommand
{
    /// <summary>Builds the command with <c>set</c>.</summary>
    public static Command Create() =>
        new PierCommand("limits", "Show or change how fast peers are served, by how near they are",
            ("pier limits", "The limits of now"),
            ("pier limits set world --up \"20 Mbit/s\"", "Peers outside get 20 Mbit/s together; those inside all there is"))
        { Set() }
        .Does(async (session, _, cancellationToken) =>
            Write(session, await session.Daemon.GetAsync(ApiPaths.Limits, ApiJson.Default.LimitsStatus, cancellationToken)));

    /// <summary>The page.</summary>
    internal static void Render(LimitsStatus status, TextWriter writer)
    {
        var table = new TextTable("FOR", "DOWN>", "UP>", "CONNECTIONS>");
        foreach (var (name, values) in ((string, LimitValues)[])
            [("all", status.All), ("host", status.Host), ("cluster", status.Cluster), ("subnet", status.Subnet), ("world", status.World), ("torrent", status.Torrent)])
        {
            table.Row(name, Rate(values.Down), Rate(values.Up), Count(values.Connections));
        }
        table.WriteTo(writer);
        writer.WriteLine($"seeding  {Goal(status.Seeding)}");
        if (status.Torrents.Count > 0)
        {
            var own = new TextTable("TORRENT", "INFO-HASH", "DOWN>", "UP>", "CONNECTIONS>", "PRIORITY", "SEEDING");
            foreach (var torrent in status.Torrents)
            {
                own.Row(
                    torrent.Name, torrent.InfoHash, Rate(torrent.Limits.Down), Rate(torrent.Limits.Up), Count(torrent.Limits.Connections),
                    torrent.Priority, Goal(torrent.Seeding));
            }
            own.WriteTo(writer);
        }
    }

    private static PierCommand Set()
    {
        var scope = new Argument<string>("FOR") { Description = "all, host, cluster, subnet, world, torrent (each one), or one torrent, by its info-hash, the beginning of it, or its name" };
        var down = new Option<string>("--down") { HelpName = "RATE", Description = "Most from peers, for example \"100 Mbit/s\" or 2MiB; none lifts it" };
        var up = new Option<string>("--up") { HelpName = "RATE", Description = "Most to peers" };
        var connections = new Option<string>("--connections") { HelpName = "N", Description = "Most connections at once" };
        var priority = new Option<string>("--priority") { HelpName = "WHICH", Description = "normal, high or background; for one torrent" };
        var ratio = new Option<string>("--ratio") { HelpName = "N", Description = "Stop to seed when N bytes were sent for each of the content; for one torrent" };
        var time = new Option<string>("--time") { HelpName = "TIME", Description = "Stop to seed after this long, for example 12h; for one torrent" };
        var command = new PierCommand("set", "Change limits until the daemon ends; the configuration file has those for ever",
            ("pier limits set world --up \"20 Mbit/s\" --connections 50", "What goes outside"),
            ("pier limits set 0123456789abcdef0123456789abcdef01234567 --ratio 2", "One torrent's seeding goal"),
            ("pier limits set all --down none --up none", "Lift the limits on everything together"))
        { scope, down, up, connections, priority, ratio, time };
        command.Validators.Add(result =>
        {
            if (((Option[])[down, up, connections, priority, ratio, time]).All(option => result.GetResult(option) is null))
            {
                result.AddError("Say what to change: --down, --up, --connections, --priority, --ratio or --time.");
            }
        });
        return command.Does(async (session, parsed, cancellationToken) =>
        {
            var change = new LimitsChange(
                parsed.GetRequiredValue(scope), parsed.GetValue(down), parsed.GetValue(up), parsed.GetValue(connections),
                parsed.GetValue(priority), parsed.GetValue(ratio), parsed.GetValue(time));
            Write(session, await session.Daemon.PostAsync(
                ApiPaths.Limits, change, ApiJson.Default.LimitsChange, ApiJson.Default.LimitsStatus, cancellationToken));
        });
    }

    private static void Write(Session session, LimitsStatus status) =>
        session.Write(status, ApiJson.Default.LimitsStatus, writer => Render(status, writer));

    private static string Rate(long? rate) => rate is { } bytes ? Sizes.Rate(bytes) : "-";

    private static string Count(int? connections) => connections?.ToString(CultureInfo.InvariantCulture) ?? "-";

    private static string Goal(SeedingValues goal) => (goal.Ratio, goal.Seconds) switch
    {
        (null, null) => "for ever",
        ({ } ratio, null) => string.Create(CultureInfo.InvariantCulture, $"to ratio {ratio}"),
        (null, { } seconds) => $"for {Sizes.Duration(TimeSpan.FromSeconds(seconds))}",
        ({ } ratio, { } seconds) => string.Create(CultureInfo.InvariantCulture, $"to ratio {ratio} or for {Sizes.Duration(TimeSpan.FromSeconds(seconds))}"),
    };
}
