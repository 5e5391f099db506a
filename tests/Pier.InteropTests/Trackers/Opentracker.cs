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
    public async Task CountsSeedsAsync(InfoHash infoHash, int seeds, CancellationToken cancellationToken)
    {
        using var client = new TrackerClient(TimeProvider.System);
        var tracker = client.Open(Http);
        await Eventually.TrueAsync(
            async () => (await tracker.ScrapeAsync([infoHash], cancellationToken)).GetValueOrDefault(infoHash).Seeders == seeds,
            $"opentracker to count {seeds} seeds of {infoHash}",
            TimeSpan.FromSeconds(60),
            cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        await _folder.DisposeAsync();
    }

    private static void Readable(string path, UnixFileMode more) =>
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead | more);
}
