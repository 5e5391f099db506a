using System.Net;
using Pier.BitTorrent.Discovery;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Magnets;
using Pier.BitTorrent.Torrents;
using Pier.TestKit;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Engine;

/// <summary>A has everything, B knows A and is slow, C knows only B: it learns of A by peer exchange (BEP 11), Pier and libtorrent in either part.</summary>
public sealed class PeerExchangeTests
{
    // The 4 MB of the sample would take B far longer than any deadline.
    private const int Slow = 20_000;

    private static readonly EngineLimits SlowOnly = new() { All = new TransferLimits(Slow, Slow) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pier_learns_of_libtorrent_through_libtorrent()
    {
        await using var c = await PierPeer.StartAsync(new BitTorrentOptions(), PeerDiscovery.Pex, Token);
        var (torrent, metainfo) = await MakeAsync(c);
        await using var a = await SeedAsync(torrent, c.Folder.Path);
        var port = FreePort.Next();
        await using var b = await ExternalProcess.StartAsync(
            LibtorrentPeer.Plan("<== HANDSHAKE", Limited, "get", torrent, c.Folder.MakeFolder("b"), $"{port}", $"{a.Port}"), Token);

        var swarm = await c.BeginAsync(metainfo, port, Token);

        await PierPeer.ExplainAsync(swarm, swarm.Completion.WaitAsync(PierPeer.Deadline * 2, Token));
        SampleTree.ShouldBeAt(c.Folder.Below("got"));
    }

    [Fact]
    public async Task Pier_learns_of_libtorrent_through_Pier()
    {
        await using var c = await PierPeer.StartAsync(new BitTorrentOptions(), PeerDiscovery.Pex, Token);
        await using var b = await PierPeer.StartAsync(new BitTorrentOptions { Limits = SlowOnly }, PeerDiscovery.Pex, Token);
        var (torrent, metainfo) = await MakeAsync(c);
        await using var a = await SeedAsync(torrent, c.Folder.Path);
        await ConnectAsync(b, metainfo, a.Port);

        var magnet = MagnetLink.To(metainfo) with { Peers = [], Trackers = [] };
        SampleTree.ShouldBeAt(await c.GetAsync(magnet, "", b.EndPoint.Port, Token));
    }

    [Fact]
    public async Task libtorrent_learns_of_libtorrent_through_Pier()
    {
        await using var b = await PierPeer.StartAsync(new BitTorrentOptions { Limits = SlowOnly }, PeerDiscovery.Pex, Token);
        var (torrent, metainfo) = await MakeAsync(b);
        await using var a = await SeedAsync(torrent, b.Folder.Path);
        await ConnectAsync(b, metainfo, a.Port);
        var folder = b.Folder.MakeFolder("c");

        // From the bare name: the metadata comes from B, too.
        var magnet = MagnetLink.To(metainfo) with { Peers = [], Trackers = [] };
        await using var c = await LibtorrentPeer.GetAsync(magnet.ToString(), folder, Token, peer: b.EndPoint.Port);

        SampleTree.ShouldBeAt(Path.Combine(folder, "tree"));
    }

    [Fact]
    public async Task libtorrent_learns_of_Pier_through_libtorrent()
    {
        await using var a = await PierPeer.StartAsync(new BitTorrentOptions(), PeerDiscovery.Pex, Token);
        var (torrent, metainfo) = await MakeAsync(a);
        await a.SeedAsync(metainfo, a.Folder.Below("tree"), Token);
        var port = FreePort.Next();
        await using var b = await ExternalProcess.StartAsync(
            LibtorrentPeer.Plan("<== HANDSHAKE", Limited, "get", torrent, a.Folder.MakeFolder("b"), $"{port}", $"{a.EndPoint.Port}"), Token);
        var folder = a.Folder.MakeFolder("c");

        await using var c = await LibtorrentPeer.GetAsync(torrent, folder, Token, peer: port);

        SampleTree.ShouldBeAt(Path.Combine(folder, "tree"));
    }

    private static string Limited => $$"""{"download_rate_limit":{{Slow}}}""";

    private static async Task<(string Torrent, Metainfo Metainfo)> MakeAsync(PierPeer pier)
    {
        var tree = SampleTree.Write(pier.Folder);
        var torrent = pier.Folder.Below("tree.torrent");
        await LibtorrentPeer.CreateAsync(tree, torrent, "v1", Token);
        return (torrent, Metainfo.Parse(await File.ReadAllBytesAsync(torrent, Token)));
    }

    private static async Task<Seed> SeedAsync(string torrent, string folder)
    {
        var port = FreePort.Next();
        return new Seed(await LibtorrentPeer.SeedAsync(torrent, folder, port, Token), port);
    }

    private static async Task ConnectAsync(PierPeer pier, Metainfo metainfo, int port)
    {
        var swarm = await pier.BeginAsync(metainfo, port, Token);
        await Eventually.TrueAsync(
            () => swarm.Statistics.Peers.Any(peer => peer.EndPoint.Equals(new IPEndPoint(IPAddress.Loopback, port))), "B is connected to A", PierPeer.Deadline, Token);
    }

    private sealed record Seed(ExternalProcess Process, int Port) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Process.DisposeAsync();
    }
}
