using Pier.TestKit.Network;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Engine;

/// <summary>libtorrent-rasterbar, driven by Peers/libtorrent_peer.py.</summary>
internal static class LibtorrentPeer
{
    // Another python on PATH would not have Debian's module.
    private static string Python => RequiredTool.Path("/usr/bin/python3", "apt-get install python3-libtorrent");

    private static string Script => Path.Combine(AppContext.BaseDirectory, "Peers", "libtorrent_peer.py");

    public static async Task CreateAsync(string path, string output, string version, CancellationToken cancellationToken, params string[] trackers) =>
        (await Command.RunAsync(Python, [Script, "create", path, output, version, $"{64 << 10}", .. trackers], cancellationToken)).OrThrow();

    /// <param name="settings">More of libtorrent's settings, JSON.</param>
    public static Task<ExternalProcess> SeedAsync(string torrent, string folder, int port, CancellationToken cancellationToken, string settings = "{}") =>
        StartAsync("READY", settings, cancellationToken, "seed", torrent, folder, $"{port}");

    /// <summary>Returns when it has everything.</summary>
    public static Task<ExternalProcess> GetAsync(
        string what, string folder, CancellationToken cancellationToken, string settings = "{}", int? peer = null) =>
        StartAsync(
            "DONE", settings, cancellationToken, ["get", what, folder, $"{FreePort.Next(alsoUdp: true)}", .. peer is null ? (string[])[] : [$"{peer}"]]);

    /// <summary>A DHT node without torrents.</summary>
    public static Task<ExternalProcess> NodeAsync(int port, CancellationToken cancellationToken) =>
        StartAsync("READY", Dht(bootstrap: null), cancellationToken, "node", $"{port}");

    /// <summary>The same, on IPv6's loopback alone.</summary>
    public static Task<ExternalProcess> NodeOnIPv6Async(int port, CancellationToken cancellationToken) =>
        StartAsync("READY", DhtOnIPv6(port, bootstrap: null), cancellationToken, "node", $"{port}");

    /// <summary>Settings with which it takes part in a DHT on one machine.</summary>
    /// <param name="bootstrap">The port of a node on loopback to begin with.</param>
    public static string Dht(int? bootstrap) => "{" + DhtFrom("127.0.0.1", bootstrap) + "}";

    /// <summary>The same, on IPv6's loopback alone.</summary>
    public static string DhtOnIPv6(int port, int? bootstrap) => $"{{\"listen_interfaces\":\"[::1]:{port}\",{DhtFrom("[::1]", bootstrap)}}}";

    /// <summary>Settings with which it listens on IPv6's loopback alone.</summary>
    public static string OnIPv6(int port) => $$"""{"listen_interfaces":"[::1]:{{port}}"}""";

    /// <summary>The same, from peers on this host.</summary>
    public static Task<ExternalProcess> GetFromAsync(string what, string folder, IEnumerable<int> ports, CancellationToken cancellationToken) =>
        StartAsync("DONE", "{}", cancellationToken, ["get", what, folder, $"{FreePort.Next()}", .. ports.Select(port => $"{port}")]);

    /// <summary>Downloads from one peer, on a host of a test network.</summary>
    /// <param name="space">The host.</param>
    /// <param name="what">A magnet link or a torrent file.</param>
    /// <param name="folder">Where to.</param>
    /// <param name="listen">Address and port.</param>
    /// <param name="peer">Address and port of whom to ask.</param>
    /// <param name="waits">Return when it has everything, instead of at once.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static Task<ExternalProcess> GetInAsync(
        NetworkNamespace space, string what, string folder, string listen, string peer, bool waits, CancellationToken cancellationToken) =>
        ExternalProcess.StartAsync(
            new ProcessPlan(
                "libtorrent",
                RequiredTool.Path("nsenter", "apt-get install util-linux"),
                space.Enter(Python, [Script, "get", what, folder, listen, peer]))
            {
                Ready = waits ? Readiness.WhenLogSays("DONE") : Readiness.AtOnce,
                Deadline = PierPeer.Deadline,
            },
            cancellationToken);

    /// <summary>Its process, ready once its log says so.</summary>
    public static ProcessPlan Plan(string ready, string settings, params string[] arguments) => new("libtorrent", Python, [Script, .. arguments])
    {
        Ready = Readiness.WhenLogSays(ready),
        Deadline = PierPeer.Deadline,
        Environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["LIBTORRENT_SETTINGS"] = settings },
    };

    private static string DhtFrom(string host, int? bootstrap) =>
        $"""
        "enable_dht":true,"dht_restrict_routing_ips":false,"dht_restrict_search_ips":false,"dht_ignore_dark_internet":false,
        "dht_bootstrap_nodes":"{(bootstrap is null ? "" : $"{host}:{bootstrap}")}"
        """;

    private static Task<ExternalProcess> StartAsync(string ready, string settings, CancellationToken cancellationToken, params string[] arguments) =>
        ExternalProcess.StartAsync(Plan(ready, settings, arguments), cancellationToken);
}
