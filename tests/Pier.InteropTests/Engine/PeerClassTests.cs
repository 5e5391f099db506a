using System.Globalization;
using System.Net;
using Pier.BitTorrent.Blobs;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Storage;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.Content;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Network;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Engine;

/// <summary>Peers outside are limited, peers on this host and members of the cluster are not; all are libtorrent, in network namespaces.</summary>
public sealed class PeerClassTests
{
    private const long Rate = 250_000;
    private const int Size = 40_000_000;
    private const int Port = 5056;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(PeerClass.SameHost)]
    [InlineData(PeerClass.Cluster)]
    public async Task Who_is_outside_gets_what_the_limit_says_and_who_is_not_all_there_is(PeerClass inside)
    {
        await using var network = await TestNetwork.CreateAsync(Token);
        var here = await network.AddHostAsync("here", Token);
        var (nearHost, hereToIt) = inside == PeerClass.SameHost ? (here, "127.0.0.1") : (await network.AddHostAsync("member", Token), $"{here.Address}");
        var outside = await network.AddHostAsync("outside", Token);
        await using var folder = TempFolder.Create("classes");
        var (torrent, metainfo) = await WriteAsync(folder);

        // The test's own process has no address in the hosts' network, which therefore is the world to it.
        var options = new BitTorrentOptions
        {
            Listen = new IPEndPoint(IPAddress.Any, Port),
            Limits = new EngineLimits { World = new TransferLimits(Up: Rate) },
            IsMember = address => inside == PeerClass.Cluster && address.Equals(nearHost.Address),
        };
        await using var engine = new BitTorrentEngine(options, TimeProvider.System, PierPeer.Logs, new NamespaceTransport(here.Namespace));
        await engine.StartAsync(Token);
        var swarm = await engine.AddAsync(
            SwarmSpec.For(metainfo, (found, token) => FileTreeStorage.OpenAsync(
                found, folder.Below(metainfo.Name), new FileTreeOptions { IsSealed = true }, token)),
            Token);

        var start = TimeProvider.System.GetTimestamp();
        await using var far = await GetAsync(outside, torrent, folder.MakeFolder("far"), $"{here.Address}:{Port}", waits: false);
        await Eventually.TrueAsync(() => SentTo(PeerClass.World) > Rate, "the far peer to get its first bytes", PierPeer.Deadline, Token);
        var sent = SentTo(PeerClass.World);

        await using var near = await GetAsync(nearHost, torrent, folder.MakeFolder("near"), $"{hereToIt}:{Port}", waits: true);
        var meanwhile = SentTo(PeerClass.World) - sent;
        await Eventually.TrueAsync(() => SentTo(PeerClass.World) > sent + 8 * Rate, "the far peer to get more", PierPeer.Deadline, Token);
        var farRate = SentTo(PeerClass.World) / TimeProvider.System.GetElapsedTime(start).TotalSeconds;

        TestContext.Current.TestOutputHelper?.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"near {Size / 1e6:0.0} MB, meanwhile far {meanwhile / 1e6:0.0} MB; far {farRate / 1e6:0.000} MB/s of {Rate / 1e6:0.000}"));
        // No more than the limit, that is: how much less depends on how busy the machine is, as the near one's rate does.
        (farRate / Rate).ShouldBeLessThan(1.1);
        ((long)Size).ShouldBeGreaterThan(2 * meanwhile, "the near one is not held to it");

        long SentTo(PeerClass peers) => swarm.Statistics.Peers.Where(peer => peer.Class == peers).Sum(peer => peer.Traffic.Uploaded);
    }

    private static Task<ExternalProcess> GetAsync(NetworkHost host, string torrent, string folder, string peer, bool waits) =>
        LibtorrentPeer.GetInAsync(host.Namespace, torrent, folder, $"0.0.0.0:{FreePort.Next()}", peer, waits, Token);

    private static async Task<(string Torrent, Metainfo Metainfo)> WriteAsync(TempFolder folder)
    {
        var blob = new byte[Size];
        new Random(3).NextBytes(blob);
        using var hasher = new BlobTorrentHasher(Size);
        hasher.Append(blob);
        var metainfo = hasher.Complete(Digest.Compute(blob).Hex);
        await File.WriteAllBytesAsync(folder.Below(metainfo.Name), blob, Token);
        var torrent = folder.Below("blob.torrent");
        await File.WriteAllBytesAsync(torrent, metainfo.ToTorrentFile(), Token);
        return (torrent, metainfo);
    }
}
