using System.CommandLine;
using Pier.Api;
using Pier.Api.Nodes;
using Pier.Cli.Output;
using Pier.Cli.Sessions;

namespace Pier.Cli.Commands;

/// <summary><c>pier status</c>: the node, its doors, swarms, and where each blob came from.</summary>
internal static class StatusCommand
{
    private const int ShownFetches = 20;

    /// <summary>Builds the command.</summary>
    public static Command Create() =>
        new PierCommand("status", "Show the node, its swarms, and where each blob came from",
            ("pier status", "One page for people"),
            ("pier status --json", "Everything, for programs"))
        .Does(async (session, _, cancellationToken) =>
        {
            var status = await session.Daemon.GetAsync(ApiPaths.Status, ApiJson.Default.NodeStatus, cancellationToken);
            session.Write(status, ApiJson.Default.NodeStatus, writer => Render(status, session.Clock, writer));
        });

    /// <summary>The page.</summary>
    internal static void Render(NodeStatus status, TimeProvider clock, TextWriter writer)
    {
        writer.WriteLine($"node       {status.NodeId}  (pierd {status.Version}, up {Sizes.Duration(clock.GetUtcNow() - status.StartedAt)})");
        writer.WriteLine($"state      {status.StateFolder}: {status.Storage.Blobs} blobs, {Sizes.Bytes(status.Storage.Bytes)}; {Sizes.Bytes(status.Storage.FreeBytes)} free");
        foreach (var listener in status.Listeners)
        {
            writer.WriteLine($"{listener.Role,-10} {listener.Address}{(listener.BeyondLoopback ? "  (other hosts can reach it)" : "")}");
        }
        writer.WriteLine($"received   {SourceSplit.Amounts(status.Transfers.Received)}; now {Sizes.Rate(status.Transfers.DownloadRate)} from swarms");
        writer.WriteLine($"sent       {Sizes.Bytes(status.Transfers.SentToPeers)} to swarms; now {Sizes.Rate(status.Transfers.UploadRate)}");
        if (status.Dht is { } dht)
        {
            writer.WriteLine($"dht        {dht.Nodes} nodes; {dht.Announced} names announced; seen as {dht.ExternalAddress ?? "unknown yet"}");
        }
        RenderMembers(status, writer);
        RenderSwarms(status, writer);
        RenderFetches(status, writer);
    }

    private static void RenderMembers(NodeStatus status, TextWriter writer)
    {
        if (status.Members.Count == 0)
        {
            writer.WriteLine("cluster    none (pier cluster init makes one)");
            return;
        }
        writer.WriteLine($"cluster    {status.Members.Count} members, {status.Members.Count(member => member.Alive)} alive");
        ClusterCommand.RenderMembers(status.Members, writer, indent: "  ");
    }

    private static void RenderSwarms(NodeStatus status, TextWriter writer)
    {
        writer.WriteLine($"swarms     {status.Swarms.Count}");
        if (status.Swarms.Count == 0)
        {
            return;
        }
        var table = new TextTable("TORRENT", "STATE", "SIZE>", "HAVE>", "PEERS>", "DOWN>", "UP>", "SENT>");
        foreach (var swarm in status.Swarms)
        {
            table.Row(
                Shorten(swarm.Name), swarm.State, Sizes.Bytes(swarm.Size), Percent(swarm.Have, swarm.Size), $"{swarm.Peers}",
                Sizes.Rate(swarm.DownloadRate), Sizes.Rate(swarm.UploadRate), Sizes.Bytes(swarm.Uploaded));
        }
        table.WriteTo(writer, "  ");
    }

    private static void RenderFetches(NodeStatus status, TextWriter writer)
    {
        if (status.Fetches.Count == 0)
        {
            return;
        }
        writer.WriteLine("blobs      by source");
        var table = new TextTable("DIGEST", "SIZE>", "STATE", "PEERS>", "IPFS>", "UPSTREAM>", "CACHE>", "RATE>", "FROM");
        foreach (var fetch in status.Fetches.Take(ShownFetches))
        {
            table.Row(
                Sizes.ShortDigest(fetch.Digest), Sizes.Bytes(fetch.Size), fetch.State,
                Sizes.Bytes(fetch.Sources.Peers), Sizes.Bytes(fetch.Sources.Ipfs), Sizes.Bytes(fetch.Sources.Upstream), Sizes.Bytes(fetch.Sources.Cache),
                fetch.Rate > 0 ? Sizes.Rate(fetch.Rate) : "-", fetch.Origin ?? "-");
        }
        table.WriteTo(writer, "  ");
        if (status.Fetches.Count > ShownFetches)
        {
            writer.WriteLine($"  … and {status.Fetches.Count - ShownFetches} more (--json shows all)");
        }
    }

    private static string Percent(long part, long whole) => whole == 0 ? "-" : $"{100 * part / whole}%";

    private static string Shorten(string name) => name.Length <= 32 ? name : $"{name[..31]}…";
}
