using Pier.BitTorrent.Magnets;
using Pier.BitTorrent.Torrents;
using Pier.InteropTests.Engine;
using Pier.InteropTests.Trackers;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Programs;

/// <summary>
/// <c>pier get</c> of torrents that other programs made, from seeds that other clients run, found through a real opentracker: by
/// magnet link, by the address of the torrent file, and by its path.
/// </summary>
public sealed class GetFromOthersTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("mktorrent", "aria2", "magnet")]
    [InlineData("mktorrent", "transmission", "url", Traits = ["Run", "full"])]
    [InlineData("mktorrent", "libtorrent", "path", Traits = ["Run", "full"])]
    [InlineData("transmission-create", "transmission", "magnet", Traits = ["Run", "full"])]
    [InlineData("transmission-create", "aria2", "url", Traits = ["Run", "full"])]
    [InlineData("transmission-create", "transmission", "path")]
    [InlineData("libtorrent v1", "libtorrent", "magnet", Traits = ["Run", "full"])]
    [InlineData("libtorrent v1", "transmission", "url", Traits = ["Run", "full"])]
    [InlineData("libtorrent v1", "aria2", "path")]
    [InlineData("libtorrent v2", "libtorrent", "magnet")]
    [InlineData("libtorrent v2", "libtorrent", "url", Traits = ["Run", "full"])]
    [InlineData("libtorrent v2", "libtorrent", "path", Traits = ["Run", "full"])]
    [InlineData("libtorrent hybrid", "libtorrent", "magnet", Traits = ["Run", "full"])]
    [InlineData("libtorrent hybrid", "libtorrent", "url")]
    [InlineData("libtorrent hybrid", "libtorrent", "path", Traits = ["Run", "full"])]
    public async Task Their_torrent_comes_whole(string maker, string seeder, string by)
    {
        await using var home = TempFolder.Create("theirs");
        var tree = SampleTree.Write(home);
        var torrent = home.Below("tree.torrent");
        var trackerPort = FreePort.Next(alsoUdp: true);
        await MakeAsync(maker, tree, torrent, $"http://127.0.0.1:{trackerPort}/announce");
        var metainfo = Metainfo.Parse(await File.ReadAllBytesAsync(torrent, Token));
        await using var tracker = await Opentracker.StartAsync(metainfo.Id.WireHashes, Token, trackerPort);
        await using var seed = await OtherClient.SeedAsync(seeder, torrent, home.Path, home, FreePort.Next(alsoUdp: true));
        await tracker.KnowsAsync(metainfo.Id.Primary, Token);
        await using var page = await WebPage.ServeAsync(await File.ReadAllBytesAsync(torrent, Token), "application/x-bittorrent", Token);
        await using var pier = await PierProgram.StartAsync(Token);

        var got = home.Below("got");
        (await pier.RunAsync(Token, "get", by switch
        {
            "magnet" => MagnetLink.To(metainfo).ToString(),
            "url" => $"{page.Root}/tree.torrent",
            _ => torrent,
        }, got)).OrThrow();

        SampleTree.ShouldBeAt(got);
    }

    private static async Task MakeAsync(string maker, string tree, string torrent, string tracker)
    {
        switch (maker.Split(' '))
        {
            case ["libtorrent", var version]:
                await LibtorrentPeer.CreateAsync(tree, torrent, version, Token, tracker);
                break;
            case ["mktorrent"]:
                (await Command.RunAsync(RequiredTool.Path("mktorrent", "apt-get install mktorrent"), ["-l", "16", "-a", tracker, "-o", torrent, tree], Token)).OrThrow();
                break;
            default:
                (await Command.RunAsync(
                    RequiredTool.Path("transmission-create", "apt-get install transmission-cli"), ["-s", "64", "-t", tracker, "-o", torrent, tree], Token)).OrThrow();
                break;
        }
    }
}
