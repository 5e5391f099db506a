using Pier.BitTorrent.Torrents;
using Pier.TestKit;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Engine;

/// <summary>Pier and libtorrent find each other in the DHT: no tracker, no address told, first through a node of Pier's, then through one of libtorrent's.</summary>
public sealed class DhtTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Through_Piers_node_libtorrent_gets_what_Pier_seeds()
    {
        await using var node = await PierPeer.StartInDhtAsync(bootstrap: null, Token);
        await LibtorrentGetsAsync(node.EndPoint.Port);
    }

    [Fact]
    public async Task Through_libtorrents_node_libtorrent_gets_what_Pier_seeds()
    {
        var port = FreePort.Next(alsoUdp: true);
        await using var node = await LibtorrentPeer.NodeAsync(port, Token);
        await LibtorrentGetsAsync(port);
    }

    [Theory]
    [InlineData("v1", Traits = ["Run", "full"])]
    [InlineData("v2")]
    public async Task Through_Piers_node_libtorrent_gets_a_tree_that_Pier_seeds(string version)
    {
        await using var node = await PierPeer.StartInDhtAsync(bootstrap: null, Token);
        await using var pier = await PierPeer.StartInDhtAsync(node.EndPoint.Port, Token);
        var tree = SampleTree.Write(pier.Folder);
        var torrent = pier.Folder.Below("tree.torrent");
        await LibtorrentPeer.CreateAsync(tree, torrent, version, Token);
        var magnet = await pier.SeedAsync(Metainfo.Parse(await File.ReadAllBytesAsync(torrent, Token)), tree, Token);
        var folder = pier.Folder.MakeFolder("theirs");

        await using var libtorrent = await LibtorrentPeer.GetAsync(
            (magnet with { Peers = [] }).ToString(), folder, Token, LibtorrentPeer.Dht(node.EndPoint.Port));

        SampleTree.ShouldBeAt(Path.Combine(folder, "tree"));
    }

    [Theory]
    [InlineData("v1", Traits = ["Run", "full"])]
    [InlineData("v2", Traits = ["Run", "full"])]
    [InlineData("hybrid")]
    public async Task Through_Piers_node_Pier_gets_what_libtorrent_seeds(string version)
    {
        await using var node = await PierPeer.StartInDhtAsync(bootstrap: null, Token);
        await PierGetsAsync(version, node.EndPoint.Port);
        node.Dht.StoredPeers.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Through_libtorrents_node_Pier_gets_what_libtorrent_seeds()
    {
        var port = FreePort.Next(alsoUdp: true);
        await using var node = await LibtorrentPeer.NodeAsync(port, Token);
        await PierGetsAsync("hybrid", port);
    }

    private static async Task LibtorrentGetsAsync(int bootstrap)
    {
        await using var pier = await PierPeer.StartInDhtAsync(bootstrap, Token);
        var (blob, magnet, _, swarm) = await pier.SeedBlobAsync(1_000_001, tracker: null, Token);
        var folder = pier.Folder.MakeFolder("theirs");

        await PierPeer.ExplainAsync(swarm, GetAsync());

        (await File.ReadAllBytesAsync(Path.Combine(folder, magnet.DisplayName!), Token)).AsSpan().SequenceEqual(blob).ShouldBeTrue();

        async Task GetAsync()
        {
            await using var libtorrent = await LibtorrentPeer.GetAsync(
                (magnet with { Peers = [] }).ToString(), folder, Token, LibtorrentPeer.Dht(bootstrap));
        }
    }

    private static async Task PierGetsAsync(string version, int bootstrap)
    {
        await using var pier = await PierPeer.StartInDhtAsync(bootstrap, Token);
        var tree = SampleTree.Write(pier.Folder);
        var torrent = pier.Folder.Below("tree.torrent");
        await LibtorrentPeer.CreateAsync(tree, torrent, version, Token);
        var settings = LibtorrentPeer.Dht(bootstrap);
        await using var libtorrent = await LibtorrentPeer.SeedAsync(torrent, pier.Folder.Path, FreePort.Next(alsoUdp: true), Token, settings);

        var got = await pier.GetAsync(Metainfo.Parse(await File.ReadAllBytesAsync(torrent, Token)).Id, "", Token);

        SampleTree.ShouldBeAt(got);
    }
}
