using Pier.BitTorrent.Torrents;
using Pier.TestKit;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Engine;

/// <summary>Pier and aria2 give each other torrents.</summary>
public sealed class Aria2Tests
{
    internal static readonly string[] Quiet =
    [
        "--enable-dht=false", "--enable-dht6=false", "--bt-enable-lpd=false", "--enable-peer-exchange=false", "--disable-ipv6=true",
        "--interface=127.0.0.1", "--summary-interval=0", "--bt-tracker-interval=2", "--file-allocation=none", "--console-log-level=notice",
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    internal static string Aria2 => RequiredTool.Path("aria2c", "apt-get install aria2");

    [Fact]
    public async Task The_magnet_of_a_blob_gives_aria2_the_blob()
    {
        await using var tracker = await LocalTracker.StartAsync(Token);
        await using var pier = await PierPeer.StartAsync(Token);
        var (blob, _, magnet, swarm) = await pier.SeedBlobAsync(5_000_001, tracker.AnnounceUrl, Token);
        await tracker.KnowsAsync(magnet.Id.Primary, Token);
        var folder = pier.Folder.MakeFolder("theirs");

        await using var aria2 = await ExternalProcess.StartAsync(
            new ProcessPlan("aria2", Aria2, [.. Quiet, $"--listen-port={FreePort.Next()}", "--seed-time=0", $"--dir={folder}", magnet.ToString()]),
            Token);
        await PierPeer.ExplainAsync(swarm, aria2.WaitForExitAsync(PierPeer.Deadline, Token));
        aria2.ExitCode.ShouldBe(0, aria2.Log.Tail(40));

        (await File.ReadAllBytesAsync(Path.Combine(folder, magnet.DisplayName!), Token)).AsSpan().SequenceEqual(blob).ShouldBeTrue();
        swarm.Statistics.Uploaded.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Pier_gets_a_torrent_of_mktorrent_that_aria2_seeds()
    {
        await using var pier = await PierPeer.StartAsync(Token);
        var tree = SampleTree.Write(pier.Folder);
        var torrent = pier.Folder.Below("tree.torrent");
        var mktorrent = RequiredTool.Path("mktorrent", "apt-get install mktorrent");
        (await Command.RunAsync(mktorrent, ["-l", "16", "-o", torrent, tree], Token)).OrThrow();
        var port = FreePort.Next();
        await using var aria2 = await ExternalProcess.StartAsync(
            new ProcessPlan(
                "aria2",
                Aria2,
                [.. Quiet, $"--listen-port={port}", "--seed-ratio=0", "--check-integrity=true", "--bt-seed-unverified=false", $"--dir={pier.Folder.Path}", torrent])
            {
                Ready = Readiness.WhenTcpConnects(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, port)),
            },
            Token);

        var got = await pier.GetAsync(Metainfo.Parse(await File.ReadAllBytesAsync(torrent, Token)), port, Token);

        SampleTree.ShouldBeAt(got);
    }
}
