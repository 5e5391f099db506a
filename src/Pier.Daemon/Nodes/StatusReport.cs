using System.Net;
using Pier.Api.Nodes;
using Pier.BitTorrent.Engine;
using Pier.Content.Contracts;
using Pier.Daemon.Containers;
using Pier.Daemon.Hosting;
using Pier.Daemon.Listeners;
using Pier.Daemon.Options;
using Pier.Fetch.Status;
using Pier.Membership;

namespace Pier.Daemon.Nodes;

/// <summary>Gathers what every room says of itself.</summary>
internal sealed class StatusReport(
    DaemonOptions options, ListenerPlan plan, IMembership membership, ICluster cluster, BitTorrentEngine engine,
    DeliveryStatus deliveries, IContentStore store, ContainerSeeds containers, TimeProvider clock)
{
    /// <summary>When the daemon became ready.</summary>
    public DateTimeOffset StartedAt { get; set; } = clock.GetUtcNow();

    /// <summary>The node at this moment.</summary>
    public async Task<NodeStatus> CreateAsync(CancellationToken cancellationToken)
    {
        var (blobs, bytes) = (0L, 0L);
        await foreach (var blob in store.ListAsync(cancellationToken))
        {
            (blobs, bytes) = (blobs + 1, bytes + blob.Size);
        }
        var swarms = StatusRecords.Swarms(engine, containers);
        return new NodeStatus(
            membership.Current.Self.Id.ToString(),
            DaemonVersion.Text,
            StartedAt,
            options.State,
            options.Advertise,
            [.. Listeners()],
            new StorageStatus(blobs, bytes, new DriveInfo(options.State).AvailableFreeSpace),
            new TransferStatus(
                StatusRecords.Sources(deliveries.Total), engine.Totals.Uploaded,
                swarms.Sum(swarm => swarm.DownloadRate), swarms.Sum(swarm => swarm.UploadRate)),
            swarms,
            [.. deliveries.Running.Concat(deliveries.Recent.Reverse()).Select(StatusRecords.Fetch)],
            StatusRecords.Members(membership.Current, clock),
            StatusRecords.Dht(engine.Dht));
    }

    private IEnumerable<ListenerStatus> Listeners()
    {
        foreach (var door in plan.Registry.Append(plan.Control))
        {
            yield return new ListenerStatus(door.Role, door.Address.ToString(), door.BeyondLoopback);
        }
        yield return new ListenerStatus("socket", options.Socket, BeyondLoopback: false);
        yield return Listener("peers", engine.ListenEndPoint);
        if (cluster.NodePort is { } node)
        {
            yield return Listener("node", node);
        }
    }

    private static ListenerStatus Listener(string role, IPEndPoint address) =>
        new(role, address.ToString(), !IPAddress.IsLoopback(address.Address));
}
