using System.CommandLine;
using Pier.Api;
using Pier.Api.Nodes;
using Pier.Cli.Output;
using Pier.Cli.Sessions;

namespace Pier.Cli.Commands;

/// <summary><c>pier swarm</c>: the torrents this node takes part in, and the peers of one.</summary>
internal static class SwarmCommand
{
    private const int MapWidth = 64;
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
                swarm.InfoHash[..Math.Min(HashShown, swarm.InfoHash.Length)], swarm.State, Sizes.Bytes(swarm.Size), Percent(swarm.Have, swarm.Size),
                $"{swarm.Peers}", $"{swarm.Seeds}", Sizes.Rate(swarm.DownloadRate), Sizes.Rate(swarm.UploadRate),
                Sizes.Bytes(swarm.Downloaded), Sizes.Bytes(swarm.Uploaded), swarm.Name);
        }
        table.WriteTo(writer);
    }

    /// <summary>One torrent as a page.</summary>
    internal static void Render(SwarmDetail swarm, TimeProvider clock, TextWriter writer)
    {
        var summary = swarm.Summary;
        writer.WriteLine($"torrent    {summary.Name}");
        writer.WriteLine($"info-hash  {summary.InfoHash}");
        writer.WriteLine($"state      {summary.State}: {Sizes.Bytes(summary.Have)} of {Sizes.Bytes(summary.Size)}, {Percent(summary.Have, summary.Size)}");
        writer.WriteLine($"pieces     {swarm.PiecesHave} of {swarm.Pieces}, {Sizes.Bytes(swarm.PieceLength)} each");
        if (swarm.PiecesHave < swarm.Pieces)
        {
            writer.WriteLine($"           [{Map(Convert.FromBase64String(swarm.PieceMap), swarm.Pieces)}]");
        }
        writer.WriteLine($"received   {Sizes.Bytes(summary.Downloaded)}; now {Sizes.Rate(summary.DownloadRate)}");
        writer.WriteLine($"sent       {Sizes.Bytes(summary.Uploaded)}; now {Sizes.Rate(summary.UploadRate)}");
        writer.WriteLine($"wasted     {Sizes.Bytes(swarm.Waste.Duplicate)} twice, {Sizes.Bytes(swarm.Waste.Unrequested)} unasked, {Sizes.Bytes(swarm.Waste.Failed)} of {swarm.HashFailures} bad pieces");
        writer.WriteLine($"known      {(swarm.KnownPeers.Count == 0 ? "no addresses" : string.Join(", ", swarm.KnownPeers.Select(source => $"{source.Value} {source.Key}")))}");
        writer.WriteLine($"refused    {swarm.Violations} breaches of the protocol, {swarm.BanCount} bans");
        foreach (var ban in swarm.Bans)
        {
            writer.WriteLine($"           {ban.Address} {Sizes.Duration(clock.GetUtcNow() - ban.At)} ago: {ban.Reason}");
        }
        writer.WriteLine($"peers      {swarm.Peers.Count}");
        RenderPeers(swarm, writer);
    }

    private static void RenderPeers(SwarmDetail swarm, TextWriter writer)
    {
        if (swarm.Peers.Count == 0)
        {
            return;
        }
        var table = new TextTable("ADDRESS", "FLAGS", "HAS>", "DOWN>", "UP>", "RECEIVED>", "SENT>", "OWES>", "FROM", "CLIENT");
        foreach (var peer in swarm.Peers)
        {
            table.Row(
                peer.Address, Flags(peer), Percent(peer.Pieces, swarm.Pieces), Sizes.Rate(peer.DownloadRate), Sizes.Rate(peer.UploadRate),
                Sizes.Bytes(peer.Downloaded), Sizes.Bytes(peer.Uploaded), $"{peer.Requested}", peer.Source, peer.Client);
        }
        table.WriteTo(writer, "  ");
        writer.WriteLine("  flags: D we want of it (d: it chokes us), U it wants of us (u: we choke it), S snubbing, O upload only");
    }

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
            session.Write(swarm, ApiJson.Default.SwarmDetail, writer => Render(swarm, session.Clock, writer));
        });
    }

    /// <summary>How much of each part of the torrent is there: nothing, some, all.</summary>
    private static string Map(byte[] bits, int pieces)
    {
        var width = Math.Min(MapWidth, pieces);
        return string.Create(width, (bits, pieces), static (text, map) =>
        {
            for (var cell = 0; cell < text.Length; cell++)
            {
                var first = (long)cell * map.pieces / text.Length;
                var end = (cell + 1L) * map.pieces / text.Length;
                var have = 0;
                for (var piece = first; piece < end; piece++)
                {
                    have += (map.bits[piece / 8] >> (int)(7 - piece % 8)) & 1;
                }
                text[cell] = have == 0 ? '.' : have == end - first ? '#' : '+';
            }
        });
    }

    private static string Flags(PeerStatus peer) => string.Concat(
        peer.WeAreInterested ? (peer.ItChokes ? "d" : "D") : "",
        peer.ItIsInterested ? (peer.WeChoke ? "u" : "U") : "",
        peer.Snubbing ? "S" : "",
        peer.UploadOnly ? "O" : "");

    private static string Percent(long part, long whole) => whole == 0 ? "-" : $"{100 * part / whole}%";
}
