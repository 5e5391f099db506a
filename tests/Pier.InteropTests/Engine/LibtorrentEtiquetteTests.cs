using System.Net;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Magnets;
using Pier.BitTorrent.Storage;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.TestKit;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Engine;

/// <summary>What libtorrent and Pier say to each other beside pieces: hashes passed on, uploading only, super seeding.</summary>
public sealed class LibtorrentEtiquetteTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("v2")]
    [InlineData("hybrid")]
    public async Task What_pier_knows_by_magnet_it_passes_on_by_magnet(string version)
    {
        await using var pier = await PierPeer.StartAsync(Token);
        var tree = SampleTree.Write(pier.Folder);
        var torrent = pier.Folder.Below("tree.torrent");
        await LibtorrentPeer.CreateAsync(tree, torrent, version, Token);
        var magnet = MagnetLink.To(Metainfo.Parse(await File.ReadAllBytesAsync(torrent, Token)));
        var port = FreePort.Next();
        await using (await LibtorrentPeer.SeedAsync(torrent, pier.Folder.Path, port, Token))
        {
            SampleTree.ShouldBeAt(await pier.GetAsync(magnet, "", port, Token));
        }

        var folder = pier.Folder.MakeFolder("theirs");
        await using var libtorrent = await LibtorrentPeer.GetAsync((magnet with { Peers = [pier.EndPoint] }).ToString(), folder, Token);

        SampleTree.ShouldBeAt(Path.Combine(folder, "tree"));
    }

    [Fact]
    public async Task Two_libtorrents_share_what_a_super_seed_shows_them()
    {
        await using var pier = await PierPeer.StartAsync(Token);
        var tree = SampleTree.Write(pier.Folder);
        var torrent = pier.Folder.Below("tree.torrent");
        await LibtorrentPeer.CreateAsync(tree, torrent, "hybrid", Token);
        var metainfo = Metainfo.Parse(await File.ReadAllBytesAsync(torrent, Token));
        await using var engine = new BitTorrentEngine(
            new BitTorrentOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0) }, TimeProvider.System, PierPeer.Logs);
        await engine.StartAsync(Token);
        var swarm = await engine.AddAsync(
            SwarmSpec.For(metainfo, (found, token) => FileTreeStorage.OpenAsync(found, tree, new FileTreeOptions { IsSealed = true }, token)) with { SuperSeed = true }, Token);
        int[] ports = [FreePort.Next(), FreePort.Next()];

        var getting = ports.Select((port, which) => ExternalProcess.StartAsync(
            LibtorrentPeer.Plan("DONE", "{}", "get", torrent, pier.Folder.MakeFolder($"theirs{which}"), $"{port}", $"{engine.ListenEndPoint.Port}", $"{ports[1 - which]}"), Token));
        var libtorrents = await Task.WhenAll(getting);

        SampleTree.ShouldBeAt(pier.Folder.Below("theirs0", "tree"));
        SampleTree.ShouldBeAt(pier.Folder.Below("theirs1", "tree"));
        await Eventually.TrueAsync(() => swarm.Statistics.Uploaded >= metainfo.TotalLength, "what was sent is counted", PierPeer.Deadline, Token);
        swarm.Statistics.Uploaded.ShouldBeLessThan(metainfo.Layout.SpaceLength * 7 / 4);
        foreach (var libtorrent in libtorrents)
        {
            await libtorrent.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_libtorrent_that_has_everything_says_that_it_only_uploads()
    {
        await using var pier = await PierPeer.StartAsync(Token);
        var tree = SampleTree.Write(pier.Folder);
        var torrent = pier.Folder.Below("tree.torrent");
        await LibtorrentPeer.CreateAsync(tree, torrent, "hybrid", Token);
        var port = FreePort.Next();
        await using var libtorrent = await LibtorrentPeer.SeedAsync(torrent, pier.Folder.Path, port, Token);
        await using var engine = new BitTorrentEngine(
            new BitTorrentOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0) }, TimeProvider.System, PierPeer.Logs);
        await engine.StartAsync(Token);
        var got = pier.Folder.Below("got");

        // So slow that it is still there when it is looked at.
        var swarm = await engine.AddAsync(
            SwarmSpec.For(Metainfo.Parse(await File.ReadAllBytesAsync(torrent, Token)), (found, token) => FileTreeStorage.OpenAsync(found, got, new FileTreeOptions(), token)) with
            {
                Peers = [new IPEndPoint(IPAddress.Loopback, port)],
                Limits = new() { Down = 64 << 10 },
            },
            Token);

        await Eventually.TrueAsync(() => swarm.Statistics.Peers is [{ IsUploadOnly: true, Pieces: > 0 }], "it says so", PierPeer.Deadline, Token);
        swarm.Statistics.Peers[0].Client.ShouldStartWith("libtorrent/2");
    }

    [Fact]
    public async Task A_libtorrent_whose_file_was_cut_short_says_which_pieces_it_lost()
    {
        const int pieces = 64, lost = 8;
        await using var pier = await PierPeer.StartAsync(Token);
        var file = pier.Folder.Below("data.bin");
        var bytes = new byte[pieces * (64 << 10)];
        new Random(54).NextBytes(bytes);
        await File.WriteAllBytesAsync(file, bytes, Token);
        var torrent = pier.Folder.Below("data.torrent");
        await LibtorrentPeer.CreateAsync(file, torrent, "v1", Token);
        var port = FreePort.Next();
        await using var libtorrent = await LibtorrentPeer.SeedAsync(torrent, pier.Folder.Path, port, Token);
        await using (var cut = File.OpenWrite(file))
        {
            cut.SetLength((pieces - lost) * (64 << 10));
        }

        var swarm = await pier.BeginAsync(Metainfo.Parse(await File.ReadAllBytesAsync(torrent, Token)), port, Token);

        // It said that it had everything; a piece that it cannot read it takes back (BEP 54), and is not asked for again.
        await PierPeer.ExplainAsync(swarm, Eventually.TrueAsync(
            () => swarm.Statistics is { PiecesHave: pieces - lost, Peers: [{ Pieces: pieces - lost }] }, "it has told of what it lost", PierPeer.Deadline, Token));
        swarm.Statistics.Violations.ShouldBe(0);
    }
}
