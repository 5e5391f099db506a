using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Pier.BitTorrent.Engine;
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
/// <param name="isWatched">Whether to count what is allocated, which slows the transfer down.</param>
internal sealed class SwarmSide(bool isWatched)
{
    /// <summary>What this program is called with to be a side.</summary>
    public const string Verb = "swarm-side";

    /// <summary>What this program is called with to be a side that counts what it allocates.</summary>
    public const string WatchedVerb = "swarm-side-watched";

    public async Task<int> RunAsync(string role, string torrent, string folder, IPEndPoint listen, IReadOnlyList<IPEndPoint> peers)
    {
        var metainfo = Metainfo.Parse(await File.ReadAllBytesAsync(torrent));
        var options = new BitTorrentOptions { Listen = listen };
        await using var engine = new BitTorrentEngine(options, TimeProvider.System, NullLoggerFactory.Instance);
        await engine.StartAsync(CancellationToken.None);
        await (role == "seed" ? SeedAsync(engine, metainfo, folder) : GetAsync(engine, metainfo, folder, peers));
        return 0;
    }

    private async Task SeedAsync(BitTorrentEngine engine, Metainfo metainfo, string folder)
    {
        var path = Path.Combine(folder, metainfo.Name);
        var storage = new CountedStorage(await FileTreeStorage.OpenAsync(metainfo, path, new FileTreeOptions { IsSealed = true }, CancellationToken.None));
        await engine.AddAsync(SwarmSpec.For(metainfo, (_, _) => ValueTask.FromResult<ITorrentStorage>(storage)), CancellationToken.None);
        Console.WriteLine("READY");
        await RunUntilTheEndAsync(storage, metainfo, Task.CompletedTask);
    }

    private async Task GetAsync(BitTorrentEngine engine, Metainfo metainfo, string folder, IReadOnlyList<IPEndPoint> peers)
    {
        var store = new FileContentStore(folder, TimeProvider.System, NullLogger<FileContentStore>.Instance);
        await using var partials = new PartialBlobs(
            Path.Combine(folder, "partial"), store, new PartialBlobOptions(), TimeProvider.System, NullLogger<PartialBlobs>.Instance);
        Console.WriteLine("READY");
        await Console.In.ReadLineAsync();
        var digest = Digest.Parse($"sha256:{metainfo.Name}");
        var storage = new CountedStorage(new PartialBlobStorage(await partials.OpenAsync(digest, metainfo.TotalLength, CancellationToken.None)));
        var swarm = await engine.AddAsync(
            SwarmSpec.For(metainfo, (_, _) => ValueTask.FromResult<ITorrentStorage>(storage)) with { Peers = peers },
            CancellationToken.None);
        await RunUntilTheEndAsync(storage, metainfo, TellAsync(swarm));
    }

    private static async Task TellAsync(BitTorrent.Swarms.Swarm swarm)
    {
        await swarm.Completion;
        Console.WriteLine("DONE");
    }

    /// <summary>Runs until the other end has closed our standard input.</summary>
    private async Task RunUntilTheEndAsync(CountedStorage storage, Metainfo metainfo, Task transfer)
    {
        if (!isWatched)
        {
            await transfer;
            await Console.In.ReadToEndAsync();
            return;
        }

        var watch = new AllocationWatch(() => storage.Bytes, metainfo.TotalLength);
        using var over = new CancellationTokenSource();
        var watching = watch.RunAsync(over.Token);
        await transfer;
        await Console.In.ReadToEndAsync();
        await over.CancelAsync();
        await watching;
        Console.WriteLine(watch.Report());
    }
}
