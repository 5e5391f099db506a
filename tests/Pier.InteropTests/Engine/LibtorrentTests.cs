using Pier.BitTorrent.Magnets;
using Pier.BitTorrent.Torrents;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Engine;

/// <summary>Pier and libtorrent give each other v1, v2 and hybrid torrents.</summary>
public sealed class LibtorrentTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(10_000_001)]
    public async Task The_magnet_of_a_blob_gives_libtorrent_the_blob(int length)
    {
        await using var pier = await PierPeer.StartAsync(Token);
        var (blob, magnet, _, _) = await pier.SeedBlobAsync(length, tracker: null, Token);
        var folder = pier.Folder.MakeFolder("theirs");

        await using var libtorrent = await LibtorrentPeer.GetAsync(magnet.ToString(), folder, Token);

        (await File.ReadAllBytesAsync(Path.Combine(folder, magnet.DisplayName!), Token)).AsSpan().SequenceEqual(blob).ShouldBeTrue();
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    [InlineData("hybrid")]
    public async Task A_tree_that_Pier_seeds_gives_libtorrent_the_tree(string version)
    {
        await using var pier = await PierPeer.StartAsync(Token);
        var tree = SampleTree.Write(pier.Folder);
        var torrent = pier.Folder.Below("tree.torrent");
        await LibtorrentPeer.CreateAsync(tree, torrent, version, Token);
        var magnet = await pier.SeedAsync(Metainfo.Parse(await File.ReadAllBytesAsync(torrent, Token)), tree, Token);
        var folder = pier.Folder.MakeFolder("theirs");

        await using var libtorrent = await LibtorrentPeer.GetAsync(magnet.ToString(), folder, Token);

        SampleTree.ShouldBeAt(Path.Combine(folder, "tree"));
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    [InlineData("hybrid")]
    public async Task Pier_gets_what_libtorrent_seeds(string version)
    {
        await using var pier = await PierPeer.StartAsync(Token);
        var tree = SampleTree.Write(pier.Folder);
        var torrent = pier.Folder.Below("tree.torrent");
        await LibtorrentPeer.CreateAsync(tree, torrent, version, Token);
        var port = FreePort.Next();
        await using var libtorrent = await LibtorrentPeer.SeedAsync(torrent, pier.Folder.Path, port, Token);

        var got = await pier.GetAsync(Metainfo.Parse(await File.ReadAllBytesAsync(torrent, Token)), port, Token);

        SampleTree.ShouldBeAt(got);
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    [InlineData("hybrid")]
    public async Task Pier_gets_what_libtorrent_seeds_by_magnet(string version)
    {
        await using var pier = await PierPeer.StartAsync(Token);
        var tree = SampleTree.Write(pier.Folder);
        var torrent = pier.Folder.Below("tree.torrent");
        await LibtorrentPeer.CreateAsync(tree, torrent, version, Token);
        var port = FreePort.Next();
        await using var libtorrent = await LibtorrentPeer.SeedAsync(torrent, pier.Folder.Path, port, Token);
        var magnet = MagnetLink.To(Metainfo.Parse(await File.ReadAllBytesAsync(torrent, Token)));

        var got = await pier.GetAsync(magnet, "", port, Token);

        SampleTree.ShouldBeAt(got);
    }
}
