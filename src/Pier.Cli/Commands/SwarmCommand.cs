using System.CommandLine;
using Pier.Api;
using Pier.Api.Nodes;
using Pier.Cli.Output;
using Pier.Cli.Sessions;

namespace Pier.Cli.Commands;

/// <summary><c>pier swarm</c>: the torrents this node takes part in, and the peers of one.</summary>
internal static class SwarmCommand
{
    private const int HashShown = 12;

    /// <summary>Builds the command with its two.</summary>
    public static Command Create() =>
        new PierCommand("swarm", "Show the torrents of the node and their peers",
            ("pier swarm ls", "Every torrent: how far, how fast, how many peers"),
            ("pier swarm show sha256:0123456789ab", "The peers of a blob's torrent, its pieces, what was wasted, who was banned"))
        { List(), Show() };

    /// <summary>The torrents as a table.</summary>
    internal static void Render(SwarmList list, TextWriter writer)
    {
        if (list.Swarms.Count == 0)
        {
            writer.WriteLine("This node takes part in no torrent; 'pier seed' and 'pier get' do.");
            return;
        }
        var table = new TextTable("INFO-HASH", "STATE", "SIZE>", "HAVE>", "PEERS>", "SEEDS>", "DOWN>", "UP>", "RECEIVED>", "SENT>", "NAME");
        foreach (var swarm in list.Swarms)
        {
            table.Row(
                swarm.InfoHash[..Math.Min(HashShown, swarm.InfoHash.Length)], swarm.State, Cells.Bytes(swarm.Size), Cells.Percent(swarm.Have, swarm.Size),
                Cells.Count(swarm.Peers), Cells.Count(swarm.Seeds), Cells.Rate(swarm.DownloadRate), Cells.Rate(swarm.UploadRate),
                Cells.Bytes(swarm.Downloaded), Cells.Bytes(swarm.Uploaded), NameOf(swarm));
        }
        table.WriteTo(writer);
    }

    private static string NameOf(SwarmStatus swarm) =>
        swarm.Containers is { Count: > 0 } containers ? $"{swarm.Name}, on behalf of container {string.Join(", ", containers)}" : swarm.Name;

    private static PierCommand List() =>
        new PierCommand("ls", "List the torrents of the node", ("pier swarm ls", "Every torrent"))
        .Does(async (session, _, cancellationToken) =>
        {
            var list = await session.Daemon.GetAsync(ApiPaths.Swarms, ApiJson.Default.SwarmList, cancellationToken);
            session.Write(list, ApiJson.Default.SwarmList, writer => Render(list, writer));
        });

    private static PierCommand Show()
    {
        var name = new Argument<string>("name")
        {
            HelpName = "HASH|DIGEST|NAME",
            Description = "An info-hash, a blob's digest, the beginning of either, or a torrent's name",
        };
        return new PierCommand("show", "Show one torrent: its pieces, its peers, what was wasted, who was banned",
            ("pier swarm show 0123abcd", "By the beginning of its info-hash"),
            ("pier swarm show data.bin --json", "By its name, everything, for programs"))
        { name }
        .Does(async (session, parsed, cancellationToken) =>
        {
            var path = $"{ApiPaths.Swarms}/{Uri.EscapeDataString(parsed.GetRequiredValue(name))}";
            var swarm = await session.Daemon.GetAsync(path, ApiJson.Default.SwarmDetail, cancellationToken);
            session.Write(swarm, ApiJson.Default.SwarmDetail, writer => SwarmPage.Render(swarm, session.Clock, session.Width, writer));
        });
    }
}
