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
    public static async Task<int> RunAsync(string role, string torrent, string folder, IPEndPoint listen, IReadOnlyList<IPEndPoint> peers)
    {
        var metainfo = Metainfo.Parse(await File.ReadAllBytesAsync(torrent));
        var options = new BitTorrentOptions { Listen = listen };
        await using var engine = new BitTorrentEngine(options, TimeProvider.System, NullLoggerFactory.Instance);
        await engine.StartAsync(CancellationToken.None);
        await (role == "seed" ? SeedAsync(engine, metainfo, folder) : GetAsync(engine, metainfo, folder, peers));
        return 0;
    }

    private static async Task SeedAsync(BitTorrentEngine engine, Metainfo metainfo, string folder)
    {
        var path = Path.Combine(folder, metainfo.Name);
        var swarm = await engine.AddAsync(
            SwarmSpec.For(metainfo, (found, token) => FileTreeStorage.OpenAsync(found, path, new FileTreeOptions { IsSealed = true }, token)),
            CancellationToken.None);
        Console.WriteLine("READY");
        await WatchUntilTheEndAsync(swarm, metainfo, Task.CompletedTask);
    }

    private static async Task GetAsync(BitTorrentEngine engine, Metainfo metainfo, string folder, IReadOnlyList<IPEndPoint> peers)
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
                Peers = peers,
            },
            CancellationToken.None);
        await WatchUntilTheEndAsync(swarm, metainfo, TellAsync(swarm));
    }

    private static async Task TellAsync(BitTorrent.Swarms.Swarm swarm)
    {
        await swarm.Completion;
        Console.WriteLine("DONE");
    }

    /// <summary>Counts allocations until the other end has closed our standard input.</summary>
    private static async Task WatchUntilTheEndAsync(BitTorrent.Swarms.Swarm swarm, Metainfo metainfo, Task transfer)
    {
        var watch = new AllocationWatch(swarm, metainfo.TotalLength);
        using var over = new CancellationTokenSource();
        var watching = watch.RunAsync(over.Token);
        await transfer;
        await Console.In.ReadToEndAsync();
        await over.CancelAsync();
        await watching;
        Console.WriteLine(watch.Report());
    }
}
