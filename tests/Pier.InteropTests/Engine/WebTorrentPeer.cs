using Pier.TestKit.Processes;

namespace Pier.InteropTests.Engine;

/// <summary>WebTorrent over plain TCP, driven by Peers/webtorrent_peer.mjs; test.sh has npm install it.</summary>
internal static class WebTorrentPeer
{
    private static string Folder => Environment.GetEnvironmentVariable("PIER_WEBTORRENT") ?? "/var/cache/pier-tests/webtorrent";

    /// <summary>Returns when it has checked what lies in the folder and serves it.</summary>
    public static Task<ExternalProcess> SeedAsync(string torrent, string folder, int port, CancellationToken cancellationToken) =>
        StartAsync("READY", ["seed", torrent, folder, $"{port}"], cancellationToken);

    /// <summary>Returns when it has everything.</summary>
    /// <param name="what">A magnet link or torrent file.</param>
    /// <param name="folder">Where to.</param>
    /// <param name="peer">Whom to ask, ADDRESS:PORT; null for whom the torrent's trackers name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static Task<ExternalProcess> GetAsync(string what, string folder, string? peer, CancellationToken cancellationToken) =>
        StartAsync("DONE", ["get", what, folder, $"{FreePort.Next()}", .. peer is null ? (string[])[] : [peer]], cancellationToken);

    private static string Installed(string folder)
    {
        RequiredTool.Path(
            Path.Combine(folder, "node_modules", "webtorrent", "index.js"),
            $"cp -r tests/Pier.InteropTests/Peers/webtorrent/. {folder} && cd {folder} && npm ci --ignore-scripts --omit=optional");
        return folder;
    }

    private static Task<ExternalProcess> StartAsync(string ready, string[] arguments, CancellationToken cancellationToken) => ExternalProcess.StartAsync(
        new ProcessPlan(
            "webtorrent", RequiredTool.Path("node", "apt-get install nodejs"), [Path.Combine(AppContext.BaseDirectory, "Peers", "webtorrent_peer.mjs"), .. arguments])
        {
            Ready = Readiness.WhenLogSays(ready),
            Deadline = PierPeer.Deadline,
            Environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["WEBTORRENT"] = Installed(Folder) },
        },
        cancellationToken);
}
