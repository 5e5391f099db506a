using Pier.BitTorrent.Torrents;

namespace Pier.InteropTests.Engine;

/// <summary>Pier downloads from a web server alone.</summary>
public sealed class WebSeedTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    [InlineData("hybrid")]
    public async Task Pier_gets_a_torrent_from_nginx(string version)
    {
        await using var pier = await PierPeer.StartAsync(Token);
        var tree = SampleTree.Write(pier.Folder);
        var torrent = pier.Folder.Below("tree.torrent");
        await LibtorrentPeer.CreateAsync(tree, torrent, version, Token);
        await using var nginx = await Nginx.StartAsync(pier.Folder, pier.Folder.Path, Token);

        var got = await pier.GetFromWebAsync(Metainfo.Parse(await File.ReadAllBytesAsync(torrent, Token)), nginx.Root, Token);

        SampleTree.ShouldBeAt(got);
    }
}
