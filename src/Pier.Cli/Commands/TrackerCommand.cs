using System.CommandLine;
using Pier.Api;
using Pier.Api.Trackers;
using Pier.Cli.Output;
using Pier.Cli.Sessions;

namespace Pier.Cli.Commands;

/// <summary><c>pier tracker</c>: who announces to this node's tracker.</summary>
internal static class TrackerCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create() =>
        new PierCommand("tracker", "Show the node's BitTorrent tracker: its swarms and how busy it is",
            ("pier tracker", "Totals and the largest swarms"))
        .Does(async (session, _, cancellationToken) =>
        {
            var status = await session.Daemon.GetAsync(ApiPaths.Tracker, ApiJson.Default.TrackerStatus, cancellationToken);
            session.Write(status, ApiJson.Default.TrackerStatus, writer => Render(status, writer));
        });

    /// <summary>The page.</summary>
    internal static void Render(TrackerStatus status, TextWriter writer)
    {
        writer.WriteLine(status.Scope switch
        {
            "off" => "tracker    off",
            "open" => $"tracker    for any torrent{(status.Keyed ? ", with a key" : "")}",
            _ => $"tracker    for this node's torrents{(status.Keyed ? ", with a key" : "")}",
        });
        writer.WriteLine($"announces  {status.HttpAnnounces} over HTTP, {status.UdpAnnounces} over UDP; now {status.AnnouncesPerSecond:0.#}/s; {status.Refusals} refused");
        writer.WriteLine($"swarms     {status.Swarms}: {status.Seeders} seeders, {status.Leechers} leechers");
        if (status.Largest.Count > 0)
        {
            var table = new TextTable("INFO-HASH", "SEEDERS>", "LEECHERS>", "COMPLETED>");
            foreach (var swarm in status.Largest)
            {
                table.Row(swarm.InfoHash, $"{swarm.Seeders}", $"{swarm.Leechers}", $"{swarm.Completed}");
            }
            table.WriteTo(writer, "  ");
        }
    }
}
