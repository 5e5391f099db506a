using System.Net;
using Pier.BitTorrent.Torrents;
using Pier.TestKit.Network;
using Pier.TestKit.Processes;

namespace Pier.Benchmarks.Swarm;

/// <summary>A real opentracker on one of the hosts, the same for every contender.</summary>
internal sealed class TrackerOnHost : IAsyncDisposable
{
    private const int Port = 6969;
    private readonly ExternalProcess _process;

    private TrackerOnHost(ExternalProcess process, IPAddress address)
    {
        _process = process;
        Announce = $"http://{address}:{Port}/announce";
    }

    /// <summary>Where it hears announces.</summary>
    public string Announce { get; }

    public static async Task<TrackerOnHost> StartAsync(NetworkHost host, string scratch, IEnumerable<Metainfo> served, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateDirectory(Path.Combine(scratch, "tracker")).FullName;
        // As root it makes the folder its root and becomes nobody before it reads the list.
        await File.WriteAllLinesAsync(
            Path.Combine(folder, "served"), served.SelectMany(torrent => torrent.Id.WireHashes).Select(hash => hash.ToString()).Distinct(), cancellationToken);
        (await Command.RunAsync("chmod", ["-R", "a+rX", folder], cancellationToken)).OrThrow();
        var program = RequiredTool.Path("opentracker", "apt-get install opentracker");
        var plan = new ProcessPlan(
            "opentracker", "nsenter", host.Namespace.Enter(program, ["-i", $"{host.Address}", "-p", $"{Port}", "-d", folder, "-w", "served"]))
        {
            WorkingFolder = folder,
            Ready = Readiness.When($"opentracker on {host.Name}", async token =>
            {
                try
                {
                    await using var connection = await host.Namespace.ConnectAsync(new IPEndPoint(host.Address, Port), token);
                    return true;
                }
                catch (System.Net.Sockets.SocketException)
                {
                    return false;
                }
            }),
        };
        return new TrackerOnHost(await ExternalProcess.StartAsync(plan, cancellationToken), host.Address);
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
