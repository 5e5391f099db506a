using Pier.BitTorrent.Torrents;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Engine;

/// <summary>Pier and aria2 give each other torrents.</summary>
public sealed class Aria2Tests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_magnet_of_a_blob_gives_aria2_the_blob()
    {
        await using var tracker = await LocalTracker.StartAsync(Token);
        await using var pier = await PierPeer.StartAsync(Token);
        var (blob, _, magnet, swarm) = await pier.SeedBlobAsync(5_000_001, tracker.AnnounceUrl, Token);
        await tracker.KnowsAsync(magnet.Id.Primary, Token);
        var folder = pier.Folder.MakeFolder("theirs");

        await using var aria2 = await Aria2Peer.GetAsync(magnet.ToString(), folder, Token);
        await PierPeer.ExplainAsync(swarm, aria2.Process.WaitForExitAsync(PierPeer.Deadline, Token));
        aria2.Process.ExitCode.ShouldBe(0, aria2.Process.Log.Tail(40));

        (await File.ReadAllBytesAsync(Path.Combine(folder, magnet.DisplayName!), Token)).AsSpan().SequenceEqual(blob).ShouldBeTrue();
        swarm.Statistics.Uploaded.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Pier_gets_all_and_some_files_of_a_torrent_of_mktorrent_that_aria2_seeds()
    {
        await using var pier = await PierPeer.StartAsync(Token);
        var tree = SampleTree.Write(pier.Folder);
        var torrent = pier.Folder.Below("tree.torrent");
        var mktorrent = RequiredTool.Path("mktorrent", "apt-get install mktorrent");
        (await Command.RunAsync(mktorrent, ["-l", "16", "-o", torrent, tree], Token)).OrThrow();
        await using var aria2 = await Aria2Peer.SeedAsync(torrent, pier.Folder.Path, Token);

        var metainfo = Metainfo.Parse(await File.ReadAllBytesAsync(torrent, Token));
        SampleTree.ShouldBeAt(await pier.GetAsync(metainfo, aria2.Port, Token));

        await using var choosy = await PierPeer.StartAsync(Token);
        SampleTree.ShouldHoldOnly(await choosy.GetAsync(metainfo, SelectionTests.Choice("sub"), aria2.Port, Token), SelectionTests.Selected);
    }
}
