using System.Net;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Engine;

/// <summary>aria2 on loopback, found through a tracker or told of by its port.</summary>
internal sealed class Aria2Peer(ExternalProcess process, int port) : IAsyncDisposable
{
    public static readonly string[] Quiet =
    [
        "--enable-dht=false", "--enable-dht6=false", "--bt-enable-lpd=false", "--enable-peer-exchange=false", "--disable-ipv6=true",
        "--interface=127.0.0.1", "--summary-interval=0", "--bt-tracker-interval=2", "--file-allocation=none", "--console-log-level=notice",
    ];

    public ExternalProcess Process => process;

    public int Port => port;

    public static string Program => RequiredTool.Path("aria2c", "apt-get install aria2");

    /// <summary>Serves a torrent whose files lie in a folder.</summary>
    public static async Task<Aria2Peer> SeedAsync(string torrent, string folder, CancellationToken cancellationToken)
    {
        var port = FreePort.Next();
        string[] seed = ["--seed-ratio=0", "--check-integrity=true", "--bt-seed-unverified=false", $"--dir={folder}", torrent];
        var plan = new ProcessPlan("aria2", Program, [.. Quiet, $"--listen-port={port}", .. seed])
        {
            Ready = Readiness.WhenTcpConnects(new IPEndPoint(IPAddress.Loopback, port)),
        };
        return new Aria2Peer(await ExternalProcess.StartAsync(plan, cancellationToken), port);
    }

    /// <summary>Downloads into a folder and ends.</summary>
    public static async Task<Aria2Peer> GetAsync(string what, string folder, CancellationToken cancellationToken, params string[] more)
    {
        var port = FreePort.Next();
        var plan = new ProcessPlan("aria2", Program, [.. Quiet, $"--listen-port={port}", "--seed-time=0", $"--dir={folder}", .. more, what]);
        return new Aria2Peer(await ExternalProcess.StartAsync(plan, cancellationToken), port);
    }

    public ValueTask DisposeAsync() => process.DisposeAsync();
}
