using System.Net;
using Pier.BitTorrent.Torrents;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Engine;

/// <summary>Pier and Transmission give each other torrents.</summary>
public sealed class TransmissionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_magnet_of_a_blob_gives_Transmission_the_blob()
    {
        await using var tracker = await LocalTracker.StartAsync(Token);
        await using var pier = await PierPeer.StartAsync(Token);
        var (blob, _, magnet, swarm) = await pier.SeedBlobAsync(5_000_001, tracker.AnnounceUrl, Token);
        await tracker.KnowsAsync(magnet.Id.Primary, Token);
        var folder = pier.Folder.MakeFolder("theirs");
        var port = FreePort.Next();

        await using var transmission = await StartAsync(pier.Folder, folder, port, magnet.ToString());

        // Transmission never connects to a loopback address; like a peer behind NAT it has to be called.
        await swarm.AddPeersAsync([new IPEndPoint(IPAddress.Loopback, port)], Token);
        var file = Path.Combine(folder, magnet.DisplayName!);
        await PierPeer.ExplainAsync(
            swarm, Eventually.TrueAsync(() => File.Exists(file), $"Transmission has {file}", PierPeer.Deadline, Token));
        (await File.ReadAllBytesAsync(file, Token)).AsSpan().SequenceEqual(blob).ShouldBeTrue();
    }

    [Fact]
    public async Task Pier_gets_all_and_some_files_of_a_torrent_of_transmission_create_that_Transmission_seeds()
    {
        await using var pier = await PierPeer.StartAsync(Token);
        var tree = SampleTree.Write(pier.Folder);
        var torrent = pier.Folder.Below("tree.torrent");
        var create = RequiredTool.Path("transmission-create", "apt-get install transmission-cli");
        (await Command.RunAsync(create, ["-s", "64", "-o", torrent, tree], Token)).OrThrow();
        var port = FreePort.Next();
        await using var transmission = await StartAsync(pier.Folder, pier.Folder.Path, port, torrent);

        var metainfo = Metainfo.Parse(await File.ReadAllBytesAsync(torrent, Token));
        SampleTree.ShouldBeAt(await pier.GetAsync(metainfo, port, Token));

        await using var choosy = await PierPeer.StartAsync(Token);
        SampleTree.ShouldHoldOnly(await choosy.GetAsync(metainfo, SelectionTests.Choice("sub"), port, Token), SelectionTests.Selected);
    }

    internal static Task<ExternalProcess> StartAsync(TempFolder home, string downloads, int port, params string[] arguments) =>
        ExternalProcess.StartAsync(
            new ProcessPlan(
                "transmission",
                RequiredTool.Path("transmission-cli", "apt-get install transmission-cli"),
                ["--config-dir", home.MakeFolder("transmission"), "--download-dir", downloads, "--port", $"{port}", "--no-portmap", "--no-uplimit", "--no-downlimit", .. arguments])
            {
                Ready = Readiness.WhenTcpConnects(new IPEndPoint(IPAddress.Loopback, port)),
            },
            Token);
}
