using Pier.BitTorrent.Torrents;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Engine;

/// <summary>Pier and WebTorrent give each other torrents.</summary>
public sealed class WebTorrentTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_magnet_of_a_blob_gives_WebTorrent_the_blob()
    {
        await using var pier = await PierPeer.StartAsync(Token);
        var (blob, magnet, _, _) = await pier.SeedBlobAsync(1_000_001, tracker: null, Token);
        var folder = pier.Folder.MakeFolder("theirs");

        await using var webtorrent = await WebTorrentPeer.GetAsync((magnet with { Peers = [] }).ToString(), folder, $"{pier.EndPoint}", Token);

        (await File.ReadAllBytesAsync(Path.Combine(folder, magnet.DisplayName!), Token)).AsSpan().SequenceEqual(blob).ShouldBeTrue();
    }

    [Fact]
    public async Task By_Piers_tracker_WebTorrent_finds_the_blob_under_its_v1_name()
    {
        await using var tracker = await LocalTracker.StartAsync(Token);
        await using var pier = await PierPeer.StartAsync(Token);
        var (blob, _, magnet, _) = await pier.SeedBlobAsync(1_000_001, tracker.AnnounceUrl, Token);
        await tracker.KnowsAsync(magnet.Id.Primary, Token);
        var folder = pier.Folder.MakeFolder("theirs");

        await using var webtorrent = await WebTorrentPeer.GetAsync((magnet with { Peers = [] }).ToString(), folder, peer: null, Token);

        (await File.ReadAllBytesAsync(Path.Combine(folder, magnet.DisplayName!), Token)).AsSpan().SequenceEqual(blob).ShouldBeTrue();
    }

    [Fact]
    public async Task Pier_gets_what_WebTorrent_seeds()
    {
        await using var pier = await PierPeer.StartAsync(Token);
        var tree = SampleTree.Write(pier.Folder);
        var torrent = pier.Folder.Below("tree.torrent");
        await LibtorrentPeer.CreateAsync(tree, torrent, "v1", Token);
        var port = FreePort.Next();
        await using var webtorrent = await WebTorrentPeer.SeedAsync(torrent, pier.Folder.Path, port, Token);

        var got = await pier.GetAsync(Metainfo.Parse(await File.ReadAllBytesAsync(torrent, Token)), port, Token);

        SampleTree.ShouldBeAt(got);
    }
}
