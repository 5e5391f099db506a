using System.Globalization;
using Pier.Api.Nodes;
using Pier.Cli.Output;

namespace Pier.Cli.Commands;

/// <summary>One torrent as a page: what it is, how far it is, what was wasted, who was refused, and its peers.</summary>
internal static class SwarmPage
{
    private const string Below = "           ";

    /// <summary>Writes the page.</summary>
    /// <param name="swarm">The torrent.</param>
    /// <param name="clock">For how long ago peers were banned.</param>
    /// <param name="width">Columns of the terminal.</param>
    /// <param name="writer">Where to.</param>
    public static void Render(SwarmDetail swarm, TimeProvider clock, int width, TextWriter writer)
    {
        var summary = swarm.Summary;
        writer.WriteLine($"torrent    {PlainText.Of(summary.Name)}");
        Many(writer, "info-hash", Hashes(swarm));
        writer.WriteLine($"state      {State(swarm)}");
        Many(writer, "problem", summary.Problem is { } problem ? [PlainText.Of(problem)] : []);
        Many(writer, "on behalf", summary.Containers?.Select(container => $"container {PlainText.Of(container)}") ?? []);
        writer.WriteLine($"pieces     {Pieces(swarm)}");
        if (swarm.PiecesHave > 0 && swarm.PiecesHave < swarm.Pieces)
        {
            writer.WriteLine($"{Below}{PieceBar.Of(Convert.FromBase64String(swarm.PieceMap), swarm.Pieces, width - Below.Length)}");
        }
        writer.WriteLine($"received   {Sizes.Bytes(summary.Downloaded)}{Now(summary.DownloadRate)}");
        writer.WriteLine($"sent       {Sizes.Bytes(summary.Uploaded)}{Now(summary.UploadRate)}{Ratio(summary)}");
        writer.WriteLine($"wasted     {Waste(swarm)}");
        Many(writer, "trackers", swarm.Trackers.Select(Tracker));
        writer.WriteLine($"known      {(swarm.KnownPeers.Count == 0 ? "no addresses" : string.Join(", ", swarm.KnownPeers.Select(source => $"{source.Value} {source.Key}")))}");
        writer.WriteLine($"refused    {Refused(swarm)}");
        foreach (var ban in swarm.Bans)
        {
            writer.WriteLine($"{Below}{ban.Address}, {Sizes.Duration(clock.GetUtcNow() - ban.At)} ago: {PlainText.Of(ban.Reason)}");
        }
        writer.WriteLine($"peers      {summary.Peers}{(summary.Seeds > 0 ? $", {summary.Seeds} of them complete" : "")}");
        Peers(swarm, writer);
    }

    private static IEnumerable<string> Hashes(SwarmDetail swarm)
    {
        if (swarm.V1 is { } v1)
        {
            yield return $"{v1}  v1";
        }
        if (swarm.V2 is { } v2)
        {
            yield return $"{v2}  v2";
        }
        if (swarm.TwinV1 is { } twin)
        {
            yield return $"{twin}  v1, for clients that cannot read hybrids";
        }
    }

    private static string State(SwarmDetail swarm)
    {
        var summary = swarm.Summary;
        if (summary.Size == 0)
        {
            return summary.State;
        }
        var far = $"{summary.State}, {Cells.Percent(summary.Have, summary.Size)}: {Sizes.Bytes(summary.Have)} of {Sizes.Bytes(summary.Size)}";
        return swarm.Missing == 0 ? far
            : summary.DownloadRate == 0 ? $"{far}; {Sizes.Bytes(swarm.Missing)} to come"
            : $"{far}; {Sizes.Bytes(swarm.Missing)} to come in {Sizes.Duration(TimeSpan.FromSeconds(swarm.Missing / summary.DownloadRate))}";
    }

    private static string Pieces(SwarmDetail swarm) => swarm.Pieces == 0
        ? "not known yet"
        : $"{swarm.PiecesHave} of {swarm.Pieces}, {Sizes.Bytes(swarm.PieceLength)} each"
            + (swarm is { Missing: > 0, Peers.Count: > 0 } ? string.Create(CultureInfo.InvariantCulture, $"; {Math.Floor(swarm.Copies * 100) / 100:0.00} copies among the peers") : "");

    private static string Now(long rate) => rate == 0 ? "" : $", now {Sizes.Rate(rate)}";

    private static string Ratio(SwarmStatus summary) => summary.Size == 0
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $", {(double)summary.Uploaded / summary.Size:0.00} times its size");

    private static string Waste(SwarmDetail swarm)
    {
        var waste = swarm.Waste;
        var all = waste.Duplicate + waste.Unrequested + waste.Failed + waste.Dropped;
        if (all == 0)
        {
            return "nothing";
        }
        string?[] parts =
        [
            waste.Duplicate > 0 ? $"{Sizes.Bytes(waste.Duplicate)} twice" : null,
            waste.Unrequested > 0 ? $"{Sizes.Bytes(waste.Unrequested)} unasked" : null,
            swarm.HashFailures > 0 ? $"{Sizes.Bytes(waste.Failed)} in {Count(swarm.HashFailures, "bad piece", "bad pieces")}" : null,
            waste.Dropped > 0 ? $"{Sizes.Bytes(waste.Dropped)} of pieces given up" : null,
        ];
        return $"{Sizes.Bytes(all)}, {Cells.Percent(all, swarm.Summary.Downloaded)} of what came: {string.Join(", ", parts.OfType<string>())}";
    }

    private static string Tracker(TrackerState tracker) => tracker.Tracker + (tracker switch
    {
        { Answered: null, Problem: null } => "  not asked yet",
        { Answered: true, Problem: null } => "  answers",
        { Problem: var problem } => $"  {PlainText.Of(problem ?? "does not answer")}",
    });

    private static string Refused(SwarmDetail swarm) => swarm is { Violations: 0, BanCount: 0 }
        ? "nobody"
        : $"{Count(swarm.Violations, "breach", "breaches")} of the protocol, {Count(swarm.BanCount, "peer", "peers")} banned";

    private static string Count(int count, string one, string many) => $"{count} {(count == 1 ? one : many)}";

    private static void Many(TextWriter writer, string word, IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            writer.WriteLine($"{word.PadRight(Below.Length)}{line}");
            word = "";
        }
    }

    private static void Peers(SwarmDetail swarm, TextWriter writer)
    {
        if (swarm is { Peers.Count: 0, Gone: { Downloaded: 0, Uploaded: 0 } })
        {
            return;
        }
        var table = new TextTable("ADDRESS", "FLAGS", "HAS>", "DOWN>", "UP>", "RECEIVED>", "SENT>", "WASTED>", "OWES>", "FROM", "CLASS", "CLIENT");
        foreach (var peer in swarm.Peers)
        {
            table.Row(
                peer.Address, Flags(peer), Cells.Percent(peer.Pieces, swarm.Pieces), Cells.Rate(peer.DownloadRate), Cells.Rate(peer.UploadRate),
                Cells.Bytes(peer.Downloaded), Cells.Bytes(peer.Uploaded), Cells.Bytes(peer.Wasted), Cells.Count(peer.Requested), peer.Source, peer.Class, peer.Client);
        }
        if (swarm.Gone is { Downloaded: var down, Uploaded: var up, Wasted: var wasted } && down + up > 0)
        {
            table.Row("those who left", "", "", "", "", Cells.Bytes(down), Cells.Bytes(up), Cells.Bytes(wasted), "", "", "", "");
        }
        table.WriteTo(writer, "  ");
        if (swarm.Peers.Count > 0)
        {
            writer.WriteLine("  flags: D we want of it (d while it chokes us), U it wants of us (u while we choke it), S snubs us, O only uploads, E encrypted");
        }
    }

    private static string Flags(PeerStatus peer) => string.Concat(
        peer.WeAreInterested ? (peer.ItChokes ? "d" : "D") : "",
        peer.ItIsInterested ? (peer.WeChoke ? "u" : "U") : "",
        peer.Snubbing ? "S" : "",
        peer.UploadOnly ? "O" : "",
        peer.Encrypted ? "E" : "");
}
