using System.Globalization;
using Pier.BitTorrent.Creation;
using Pier.BitTorrent.Magnets;
using Pier.BitTorrent.Selection;
using Pier.BitTorrent.Torrents;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Engine;

/// <summary>Some files of a torrent of each kind, from other clients and to them.</summary>
public sealed class SelectionTests
{
    internal static readonly string[] Selected = ["sub/deeper/small.txt", "sub/exact.bin"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    [InlineData("hybrid")]
    public async Task Pier_gets_some_files_of_what_libtorrent_made_and_seeds(string version)
    {
        await using var pier = await PierPeer.StartAsync(Token);
        var tree = SampleTree.Write(pier.Folder);
        var torrent = pier.Folder.Below("tree.torrent");
        await LibtorrentPeer.CreateAsync(tree, torrent, version, Token);
        var port = FreePort.Next();
        await using var libtorrent = await LibtorrentPeer.SeedAsync(torrent, pier.Folder.Path, port, Token);
        var metainfo = Metainfo.Parse(await File.ReadAllBytesAsync(torrent, Token));

        var got = await pier.GetAsync(metainfo, Choice("sub"), port, Token);

        SampleTree.ShouldHoldOnly(got, Selected);
    }

    [Theory]
    [InlineData(TorrentFormat.V1, false)]
    [InlineData(TorrentFormat.V1, true)]
    [InlineData(TorrentFormat.V2, false)]
    [InlineData(TorrentFormat.Hybrid, true)]
    public async Task Libtorrent_gets_all_and_some_files_of_what_Pier_made_and_seeds(TorrentFormat format, bool pads)
    {
        await using var pier = await PierPeer.StartAsync(Token);
        var (metainfo, _) = await pier.SeedTreeAsync(Options(format, pads), tracker: null, Token);
        var whole = MagnetLink.To(metainfo) with { Peers = [pier.EndPoint] };

        await using (var libtorrent = await LibtorrentPeer.GetAsync(whole.ToString(), pier.Folder.MakeFolder("whole"), Token))
        {
            SampleTree.ShouldBeAt(pier.Folder.Below("whole", "tree"));
        }

        var some = whole with { SelectedFiles = [.. Selected.Select(path => Run(metainfo, path))] };
        await using var choosy = await LibtorrentPeer.GetAsync(some.ToString(), pier.Folder.MakeFolder("some"), Token);
        SampleTree.ShouldHold(pier.Folder.Below("some", "tree"), Selected);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Aria2_gets_some_files_of_what_Pier_made_and_seeds(bool pads)
    {
        await using var tracker = await LocalTracker.StartAsync(Token);
        await using var pier = await PierPeer.StartAsync(Token);
        var (metainfo, swarm) = await pier.SeedTreeAsync(Options(TorrentFormat.V1, pads), tracker.AnnounceUrl, Token);
        await tracker.KnowsAsync(metainfo.Id.Primary, Token);
        var torrent = pier.Folder.Below("tree.torrent");
        await File.WriteAllBytesAsync(torrent, metainfo.ToTorrentFile(), Token);
        var indices = string.Join(',', Selected.Select(path => (Run(metainfo, path).First + 1).ToString(CultureInfo.InvariantCulture)));

        await using var aria2 = await Aria2Peer.GetAsync(torrent, pier.Folder.MakeFolder("theirs"), Token, $"--select-file={indices}");
        await PierPeer.ExplainAsync(swarm, aria2.Process.WaitForExitAsync(PierPeer.Deadline, Token));

        aria2.Process.ExitCode.ShouldBe(0, aria2.Process.Log.Tail(40));
        SampleTree.ShouldHold(pier.Folder.Below("theirs", "tree"), Selected);
    }

    [Theory]
    [InlineData(TorrentFormat.V1)]
    [InlineData(TorrentFormat.V2)]
    [InlineData(TorrentFormat.Hybrid)]
    public async Task What_Pier_has_of_a_selection_it_gives_on_to_libtorrent(TorrentFormat format)
    {
        await using var origin = await PierPeer.StartAsync(Token);
        var (metainfo, _) = await origin.SeedTreeAsync(Options(format, pads: false), tracker: null, Token);
        await using var middle = await PierPeer.StartAsync(Token);
        var got = await middle.GetAsync(metainfo, Choice("sub"), origin.EndPoint.Port, Token);
        SampleTree.ShouldHoldOnly(got, Selected);
        await origin.DisposeAsync();

        var link = MagnetLink.To(metainfo) with { Peers = [middle.EndPoint], SelectedFiles = [.. Selected.Select(path => Run(metainfo, path))] };
        await using var libtorrent = await LibtorrentPeer.GetAsync(link.ToString(), middle.Folder.MakeFolder("theirs"), Token);

        SampleTree.ShouldHold(middle.Folder.Below("theirs", "tree"), Selected);
    }

    internal static FileChoice Choice(string pattern) => FileChoice.Of([FilePattern.Parse(pattern)], []);

    private static TorrentCreationOptions Options(TorrentFormat format, bool pads) =>
        new() { Format = format, PieceLength = 64 << 10, PadFiles = pads };

    private static FileSelection Run(Metainfo metainfo, string path)
    {
        var index = FileIndices.Of(metainfo)[metainfo.Files.ToList().FindIndex(file => file.RelativePath == path)];
        return new FileSelection(index, index);
    }
}
