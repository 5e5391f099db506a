using System.Text;
using Pier.BitTorrent.Torrents;
using Pier.Content.Contracts;
using Pier.Content.Uris;
using Pier.Fetch;
using Pier.Fetch.Trees;
using Pier.Fetch.Uris;
using Pier.TestKit.Files;
using TestEngines = Pier.UnitTests.BitTorrent.Engines;

namespace Pier.UnitTests.Fetch.Trees;

/// <summary>Trees of one torrent share its swarm and its files, which only the last to be closed lets go.</summary>
public sealed class TorrentTreesTests : IAsyncDisposable
{
    private readonly FetchOptions _options = new() { AccessFolder = "none" };
    private readonly TempFolder _home = TempFolder.Create("trees");
    private readonly TestEngines _engines = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("data.bin")]
    [InlineData("info")]
    [InlineData("resume")]
    public async Task Files_are_let_go_with_the_last_tree(string name)
    {
        using var web = new WebClient(_options);
        using var swarms = new SharedSwarms(await _engines.StartAsync(), new LiveCluster());
        var trees = new TorrentTrees(swarms, new TorrentSpecs(web, _options));
        byte[] info = [.. Encoding.ASCII.GetBytes($"d6:lengthi20000e4:name{name.Length}:{name}12:piece lengthi16384e6:pieces40:"), .. new byte[40], (byte)'e'];
        var torrent = Metainfo.ParseInfo(info, MetainfoEnvelope.Empty, MetainfoLimits.Default);
        var first = await OpenAsync(trees, torrent);
        var second = await OpenAsync(trees, torrent);
        var folder = first.Folder.ShouldNotBeNull();
        second.Folder.ShouldBe(folder);

        await first.DisposeAsync();
        first.Folder.ShouldBeNull("the other reads it");
        await second.DisposeAsync();
        second.Folder.ShouldBe(folder);
        KeptTorrent.Put(folder, torrent);

        await using var again = await OpenAsync(trees, torrent);
        again.Tree.ShouldNotBeNull();
    }

    public async ValueTask DisposeAsync()
    {
        await _engines.DisposeAsync();
        await _home.DisposeAsync();
    }

    private async Task<IArrivingTree> OpenAsync(TorrentTrees trees, Metainfo torrent)
    {
        var uri = new TorrentDocumentUri("a torrent at hand", torrent.ToTorrentFile());
        return await trees.OpenAsync(uri, new TreeRequest([uri], _home.Path), Token);
    }
}
