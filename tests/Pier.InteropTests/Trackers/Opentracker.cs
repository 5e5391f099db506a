using System.Net;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Trackers;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Trackers;

/// <summary>A real opentracker on loopback, for the torrents that its list names.</summary>
internal sealed class Opentracker : IAsyncDisposable
{
    private readonly TempFolder _folder;
    private readonly ExternalProcess _process;

    private Opentracker(TempFolder folder, ExternalProcess process, int port)
    {
        _folder = folder;
        _process = process;
        Port = port;
    }

    /// <summary>The same port for TCP and UDP.</summary>
    public int Port { get; }

    public string Http => $"http://127.0.0.1:{Port}/announce";

    public string Udp => $"udp://127.0.0.1:{Port}/announce";

    /// <param name="served">The torrents it takes announces for.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="at">A port that is free for TCP and UDP; null for any.</param>
    public static async Task<Opentracker> StartAsync(IEnumerable<InfoHash> served, CancellationToken cancellationToken, int? at = null)
    {
        var program = RequiredTool.Path("opentracker", "apt-get install opentracker");
        var folder = TempFolder.Create("opentracker");
        var list = folder.Below("served");
        await File.WriteAllLinesAsync(list, served.Select(hash => hash.ToString()), cancellationToken);

        // Started by root it changes its root to the folder and becomes nobody before it reads the list.
        Readable(folder.Path, UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute | UnixFileMode.UserWrite);
        Readable(list, UnixFileMode.None);
        var port = at ?? FreePort.Next(alsoUdp: true);
        var plan = new ProcessPlan("opentracker", program, ["-i", "127.0.0.1", "-p", $"{port}", "-P", $"{port}", "-d", folder.Path, "-w", "served"])
        {
            WorkingFolder = folder.Path,
            Ready = Readiness.WhenTcpConnects(new IPEndPoint(IPAddress.Loopback, port)),
        };
        return new Opentracker(folder, await ExternalProcess.StartAsync(plan, cancellationToken), port);
    }

    /// <summary>Waits until it counts so many seeds of a torrent.</summary>
    public Task CountsSeedsAsync(InfoHash infoHash, int seeds, CancellationToken cancellationToken) =>
        CountsAsync(infoHash, counts => counts.Seeders == seeds, $"{seeds} seeds", cancellationToken);

    /// <summary>Waits until somebody announced a torrent: a seed may be counted as a leecher until it has checked its files.</summary>
    public Task KnowsAsync(InfoHash infoHash, CancellationToken cancellationToken) =>
        CountsAsync(infoHash, counts => counts.Seeders + counts.Leechers > 0, "anybody", cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        await _folder.DisposeAsync();
    }

    private async Task CountsAsync(InfoHash infoHash, Func<SwarmCounts, bool> wanted, string what, CancellationToken cancellationToken)
    {
        using var client = new TrackerClient(TimeProvider.System);
        var tracker = client.Open(Http);
        await Eventually.TrueAsync(
            async () => wanted((await tracker.ScrapeAsync([infoHash], cancellationToken)).GetValueOrDefault(infoHash)),
            $"opentracker to count {what} of {infoHash}",
            TimeSpan.FromSeconds(60),
            cancellationToken);
    }

    private static void Readable(string path, UnixFileMode more) =>
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead | more);
}
