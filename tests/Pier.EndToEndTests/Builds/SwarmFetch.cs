using System.Net;
using Pier.TestKit.Processes;

namespace Pier.EndToEndTests.Builds;

/// <summary>libtorrent on the setting's second host, which fetches from one peer alone.</summary>
internal static class SwarmFetch
{
    /// <summary>Fetches; returns the folder that it made.</summary>
    /// <param name="setting">Where.</param>
    /// <param name="torrent">A torrent file or a magnet link.</param>
    /// <param name="peer">The only one it knows.</param>
    /// <param name="name">What the folder is called.</param>
    /// <param name="deadline">Until it must have come.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<string> RunAsync(BuildSetting setting, string torrent, IPEndPoint peer, string name, TimeSpan deadline, CancellationToken cancellationToken)
    {
        var machine = setting.Cluster.Nodes[1].Host;
        var folder = setting.Folder.MakeFolder(name);
        var script = Path.Combine(AppContext.BaseDirectory, "libtorrent_peer.py");
        await using var libtorrent = await ExternalProcess.StartAsync(
            new ProcessPlan(
                "libtorrent",
                RequiredTool.Path("nsenter", "apt-get install util-linux"),
                machine.Namespace.Enter("/usr/bin/python3", [script, "get", torrent, folder, $"{machine.Address}:{FreePort.Next()}", peer.ToString()]))
            {
                Ready = Readiness.WhenLogSays("DONE"),
                Deadline = deadline,
            },
            cancellationToken);
        return folder;
    }
}
