using System.Net;
using Pier.BitTorrent.Dht;
using Pier.BitTorrent.Discovery;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Torrents;
using Pier.TestKit;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Engine;

/// <summary>Pier with libtorrent and aria2 over IPv6 alone: the tracker (BEP 7, 15), the peers and the DHT (BEP 32) are all at [::1].</summary>
public sealed class IPv6Tests
{
    private static readonly BitTorrentOptions Six = new() { Listen = new IPEndPoint(IPAddress.IPv6Loopback, 0) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pier_gets_what_libtorrent_seeds()
    {
        await using var tracker = await LocalTracker.StartAsync(Token, at: IPAddress.IPv6Loopback);
        await using var pier = await PierPeer.StartAsync(Six, PeerDiscovery.None, Token);
        var tree = SampleTree.Write(pier.Folder);
        var torrent = pier.Folder.Below("tree.torrent");
        await LibtorrentPeer.CreateAsync(tree, torrent, "v1", Token, tracker.UdpAnnounceUrl);
        var metainfo = Metainfo.Parse(await File.ReadAllBytesAsync(torrent, Token));
        var port = FreePort.Next(alsoUdp: true);
        await using var libtorrent = await LibtorrentPeer.SeedAsync(torrent, pier.Folder.Path, port, Token, LibtorrentPeer.OnIPv6(port));
        await tracker.KnowsAsync(metainfo.Id.Primary, Token);

        var got = await pier.GetAsync(metainfo, Token);

        SampleTree.ShouldBeAt(got);
    }

    [Fact]
    public async Task Libtorrent_gets_what_Pier_seeds()
    {
        await using var tracker = await LocalTracker.StartAsync(Token, at: IPAddress.IPv6Loopback);
        await using var pier = await PierPeer.StartAsync(Six, PeerDiscovery.None, Token);
        var (blob, magnet, _, swarm) = await pier.SeedBlobAsync(1_000_001, tracker.UdpAnnounceUrl, Token);
        await tracker.KnowsAsync(magnet.Id.Primary, Token);
        var folder = pier.Folder.MakeFolder("theirs");

        await PierPeer.ExplainAsync(swarm, GetAsync());

        (await File.ReadAllBytesAsync(Path.Combine(folder, magnet.DisplayName!), Token)).AsSpan().SequenceEqual(blob).ShouldBeTrue();

        async Task GetAsync()
        {
            await using var libtorrent = await LibtorrentPeer.GetAsync(
                (magnet with { Peers = [] }).ToString(), folder, Token, LibtorrentPeer.OnIPv6(FreePort.Next(alsoUdp: true)));
        }
    }

    [Fact]
    public async Task A_bare_name_is_found_in_the_DHT_of_IPv6()
    {
        await using var node = await PierPeer.StartAsync(Six with { Dht = new DhtOptions() }, PeerDiscovery.Dht, Token);
        var dht = new DhtOptions { Bootstrap = [new DnsEndPoint("::1", node.EndPoint.Port)] };
        await using var seeder = await PierPeer.StartAsync(Six with { Dht = dht }, PeerDiscovery.Dht, Token);
        await using var getter = await PierPeer.StartAsync(Six with { Dht = dht }, PeerDiscovery.Dht, Token);
        var (blob, magnet, _, _) = await seeder.SeedBlobAsync(300_001, tracker: null, Token);

        var got = await getter.GetAsync(magnet.Id, magnet.DisplayName!, Token);

        (await File.ReadAllBytesAsync(got, Token)).AsSpan().SequenceEqual(blob).ShouldBeTrue();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Libtorrent_gets_by_its_bare_name_what_Pier_seeds_in_the_DHT_of_IPv6(bool throughPier)
    {
        var port = FreePort.Next(alsoUdp: true);
        await using var node = throughPier ? await PierPeer.StartAsync(Six with { Dht = new DhtOptions() }, PeerDiscovery.Dht, Token) : null;
        await using var theirNode = throughPier ? null : await LibtorrentPeer.NodeOnIPv6Async(port, Token);
        var bootstrap = node?.EndPoint.Port ?? port;
        await using var pier = await PierPeer.StartAsync(
            Six with { Dht = new DhtOptions { Bootstrap = [new DnsEndPoint("::1", bootstrap)] } }, PeerDiscovery.Dht, Token);
        var (blob, magnet, _, swarm) = await pier.SeedBlobAsync(300_001, tracker: null, Token);
        var folder = pier.Folder.MakeFolder("theirs");

        await PierPeer.ExplainAsync(swarm, GetAsync());

        (await File.ReadAllBytesAsync(Path.Combine(folder, magnet.DisplayName!), Token)).AsSpan().SequenceEqual(blob).ShouldBeTrue();

        async Task GetAsync()
        {
            await using var libtorrent = await LibtorrentPeer.GetAsync(
                (magnet with { Peers = [] }).ToString(), folder, Token, LibtorrentPeer.DhtOnIPv6(FreePort.Next(alsoUdp: true), bootstrap));
        }
    }

    [Fact]
    public async Task Pier_gets_by_its_bare_name_what_libtorrent_seeds_in_the_DHT_of_IPv6()
    {
        var bootstrap = FreePort.Next(alsoUdp: true);
        await using var node = await LibtorrentPeer.NodeOnIPv6Async(bootstrap, Token);
        await using var pier = await PierPeer.StartAsync(
            Six with { Dht = new DhtOptions { Bootstrap = [new DnsEndPoint("::1", bootstrap)] } }, PeerDiscovery.Dht, Token);
        var tree = SampleTree.Write(pier.Folder);
        var torrent = pier.Folder.Below("tree.torrent");
        await LibtorrentPeer.CreateAsync(tree, torrent, "hybrid", Token);
        var port = FreePort.Next(alsoUdp: true);
        await using var libtorrent = await LibtorrentPeer.SeedAsync(torrent, pier.Folder.Path, port, Token, LibtorrentPeer.DhtOnIPv6(port, bootstrap));

        var got = await pier.GetAsync(Metainfo.Parse(await File.ReadAllBytesAsync(torrent, Token)).Id, "", Token);

        SampleTree.ShouldBeAt(got);
    }

    // Not libtorrent, which writes a literal IPv6 address into the Host header without its brackets: web servers refuse that.
    [Fact]
    public async Task Pier_gets_what_aria2_seeds_by_an_HTTP_tracker()
    {
        await using var tracker = await LocalTracker.StartAsync(Token, at: IPAddress.IPv6Loopback);
        await using var pier = await PierPeer.StartAsync(Six, PeerDiscovery.None, Token);
        var tree = SampleTree.Write(pier.Folder);
        var torrent = pier.Folder.Below("tree.torrent");
        await LibtorrentPeer.CreateAsync(tree, torrent, "v1", Token, tracker.AnnounceUrl);
        var metainfo = Metainfo.Parse(await File.ReadAllBytesAsync(torrent, Token));
        await using var aria2 = await ExternalProcess.StartAsync(
            new ProcessPlan("aria2", Aria2Peer.Program,
            [
                "--no-conf", "--enable-dht=false", "--bt-enable-lpd=false", "--seed-ratio=0", "--check-integrity=true", "--bt-seed-unverified=false",
                "--bt-tracker-interval=2", $"--listen-port={FreePort.Next()}", $"--dir={pier.Folder.Path}", torrent,
            ]),
            Token);
        await tracker.KnowsAsync(metainfo.Id.Primary, Token);

        var got = await pier.GetAsync(metainfo, Token);

        SampleTree.ShouldBeAt(got);
    }
}
