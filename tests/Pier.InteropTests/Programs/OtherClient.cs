using System.Net;
using Pier.InteropTests.Engine;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Network;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Programs;

/// <summary>libtorrent, aria2, rtorrent and transmission-cli as their users run them, on loopback or on a host of a test network.</summary>
internal static class OtherClient
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Downloads a torrent, by magnet link or torrent file, and returns once the file is whole.</summary>
    /// <param name="client">libtorrent, aria2, rtorrent or transmission.</param>
    /// <param name="what">The link or the path.</param>
    /// <param name="home">Where it keeps what it needs.</param>
    /// <param name="name">The file it downloads.</param>
    /// <param name="host">Where it runs; null for here.</param>
    public static async Task<byte[]> GetAsync(string client, string what, TempFolder home, string name, NetworkHost? host = null)
    {
        var folder = home.MakeFolder(client);
        var port = FreePort.Next(alsoUdp: true);
        var file = Path.Combine(folder, name);
        await using var process = await ExternalProcess.StartAsync(On(host, client switch
        {
            "libtorrent" => LibtorrentPeer.Plan(
                "DONE", host is null ? "{}" : $$"""{"listen_interfaces":"0.0.0.0:{{port}}"}""", "get", what, folder, $"{port}"),
            "aria2" => new ProcessPlan("aria2", Aria2Peer.Program, [.. Aria2(home, port), "--seed-time=0", $"--dir={folder}", what]),
            "rtorrent" => Rtorrent.Plan(what, folder, home, port),
            _ => new ProcessPlan("transmission", Transmission, [.. TransmissionFlags(home, port), "--download-dir", folder, what]),
        }), Token);
        if (client == "aria2")
        {
            await process.WaitForExitAsync(PierPeer.Deadline, Token);
            process.ExitCode.ShouldBe(0, process.Log.Tail(40));
        }
        try
        {
            // Until it is whole, transmission gives it another name.
            var whole = client == "rtorrent" ? Rtorrent.Mark(home, port, name) : file;
            await Eventually.TrueAsync(() => File.Exists(whole), $"{client} has {name}", PierPeer.Deadline, Token);
        }
        catch (TimeoutException timeout)
        {
            throw new TimeoutException($"{timeout.Message}\n{process.Log.Tail(40)}", timeout);
        }
        return await File.ReadAllBytesAsync(file, Token);
    }

    /// <summary>Seeds a torrent whose files lie in a folder.</summary>
    public static Task<ExternalProcess> SeedAsync(string client, string torrent, string folder, TempFolder home, int port) => ExternalProcess.StartAsync(
        client switch
        {
            "libtorrent" => LibtorrentPeer.Plan("READY", "{}", "seed", torrent, folder, $"{port}"),
            "aria2" => new ProcessPlan(
                "aria2", Aria2Peer.Program, [.. Aria2(home, port), "--check-integrity=true", "--bt-seed-unverified=false", "--seed-ratio=0", $"--dir={folder}", torrent])
            {
                Ready = Readiness.WhenTcpConnects(new IPEndPoint(IPAddress.Loopback, port)),
            },
            "rtorrent" => Rtorrent.Plan(torrent, folder, home, port) with { Ready = Readiness.WhenTcpConnects(new IPEndPoint(IPAddress.Loopback, port)) },
            _ => new ProcessPlan("transmission", Transmission, [.. TransmissionFlags(home, port), "--download-dir", folder, torrent])
            {
                Ready = Readiness.WhenTcpConnects(new IPEndPoint(IPAddress.Loopback, port)),
            },
        },
        Token);

    private static string Transmission => RequiredTool.Path("transmission-cli", "apt-get install transmission-cli");

    // aria2 asks UDP trackers through the socket of its DHT, which is on unless told otherwise, and through no other.
    private static string[] Aria2(TempFolder home, int port) =>
    [
        "--no-conf", $"--dht-listen-port={port}", $"--dht-file-path={home.Below("dht.dat")}", "--enable-dht6=false", "--bt-enable-lpd=false", "--disable-ipv6=true",
        $"--listen-port={port}", "--summary-interval=0", "--file-allocation=none", "--console-log-level=notice",
    ];

    private static string[] TransmissionFlags(TempFolder home, int port) =>
        ["--config-dir", home.MakeFolder("transmission-config"), "--port", $"{port}", "--no-portmap", "--no-uplimit", "--no-downlimit"];

    private static ProcessPlan On(NetworkHost? host, ProcessPlan plan) => host is null
        ? plan
        : plan with { Program = RequiredTool.Path("nsenter", "apt-get install util-linux"), Arguments = host.Namespace.Enter(plan.Program, plan.Arguments) };
}
