using Pier.TestKit.Files;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Programs;

/// <summary>rtorrent without a terminal, on loopback.</summary>
internal static class Rtorrent
{
    /// <summary>Downloads or seeds a torrent.</summary>
    /// <param name="what">A magnet link or a torrent file.</param>
    /// <param name="folder">Where the content is or will be.</param>
    /// <param name="home">Where it keeps what it needs.</param>
    /// <param name="port">Where it listens.</param>
    public static ProcessPlan Plan(string what, string folder, TempFolder home, int port)
    {
        var session = home.MakeFolder($"rtorrent-{port}");
        var configuration = home.Below($"rtorrent-{port}.rc");
        File.WriteAllLines(configuration,
        [
            "system.daemon.set = true",
            $"session.path.set = {session}",
            $"directory.default.set = {folder}",
            $"network.port_range.set = {port}-{port}",
            "network.port_random.set = no",
            "network.bind_address.set = 127.0.0.1",
            "network.local_address.set = 127.0.0.1",
            "dht.mode.set = disable",
            "protocol.pex.set = no",
            "trackers.use_udp.set = yes",
            "protocol.encryption.set = allow_incoming,try_outgoing,enable_retry",
            "pieces.hash.on_completion.set = yes",
            // It makes its files at once and whole: only its own word says that it has everything.
            $"method.set_key = event.download.finished,done,\"execute.nothrow=touch,\\\"$cat={Mark(home, port, "")},$d.name=\\\"\"",
        ]);
        return new ProcessPlan("rtorrent", RequiredTool.Path("rtorrent", "apt-get install rtorrent"), ["-n", "-o", $"import={configuration}", what]);
    }

    /// <summary>The file that appears once a download is finished and checked.</summary>
    public static string Mark(TempFolder home, int port, string name) => home.Below($"rtorrent-{port}-done-{name}");
}
