using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Pier.BitTorrent.Storage;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.Content;
using Pier.Store.Blobs;
using Pier.Store.Partial;

namespace Pier.Benchmarks.Swarm;

/// <summary>
/// One side of a Pier transfer, in a process of its own: speaks the same lines as <c>libtorrent_side.py</c>. The getting side
/// fills a partial blob of the store and seals it.
/// </summary>
internal static class SwarmSide
{
    public static async Task<int> RunAsync(string role, string torrent, string folder, int port, int peerPort)
    {
        var metainfo = Metainfo.Parse(await File.ReadAllBytesAsync(torrent));
        var options = new BitTorrentOptions { Listen = new IPEndPoint(IPAddress.Loopback, port) };
        await using var engine = new BitTorrentEngine(options, TimeProvider.System, NullLoggerFactory.Instance);
        await engine.StartAsync(CancellationToken.None);
        if (role == "seed")
        {
            var path = Path.Combine(folder, metainfo.Name);
            await engine.AddAsync(
                SwarmSpec.For(metainfo, (found, token) => FileTreeStorage.OpenAsync(found, path, new FileTreeOptions { IsSealed = true }, token)),
                CancellationToken.None);
            Console.WriteLine("READY");
        }
        else
        {
            await GetAsync(engine, metainfo, folder, peerPort);
        }

        await Console.In.ReadToEndAsync();
        return 0;
    }

    private static async Task GetAsync(BitTorrentEngine engine, Metainfo metainfo, string folder, int peerPort)
    {
        var store = new FileContentStore(folder, TimeProvider.System, NullLogger<FileContentStore>.Instance);
        await using var partials = new PartialBlobs(
            Path.Combine(folder, "partial"), store, new PartialBlobOptions(), TimeProvider.System, NullLogger<PartialBlobs>.Instance);
        Console.WriteLine("READY");
        await Console.In.ReadLineAsync();
        var digest = Digest.Parse($"sha256:{metainfo.Name}");
        var swarm = await engine.AddAsync(
            SwarmSpec.For(
                metainfo,
                async (found, token) => new PartialBlobStorage(await partials.OpenAsync(digest, found.TotalLength, token))) with
            {
                Peers = [new IPEndPoint(IPAddress.Loopback, peerPort)],
            },
            CancellationToken.None);
        await swarm.Completion;
        Console.WriteLine("DONE");
        await Console.In.ReadToEndAsync();
    }
}
