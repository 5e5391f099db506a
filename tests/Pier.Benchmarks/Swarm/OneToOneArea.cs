using Pier.Benchmarks.Harness;
using Pier.Benchmarks.Registry;

namespace Pier.Benchmarks.Swarm;

/// <summary>A blob of 1 GiB from one peer to another over loopback: Pier to Pier against libtorrent to libtorrent, and mixed.</summary>
internal sealed class OneToOneArea : IBenchArea
{
    private const long Size = 1L << 30;

    /// <inheritdoc/>
    public string Name => "swarm";

    /// <inheritdoc/>
    public IReadOnlyList<string> RowNames { get; } =
    [
        "swarm-1g", "swarm-1g-cpu", "swarm-1g-ceiling", "swarm-1g-v1", "swarm-to-libtorrent", "swarm-from-libtorrent", "swarm-1g-memory", "block-allocations",
    ];

    /// <inheritdoc/>
    public IReadOnlyList<string> Settings =>
    [
        "swarm: blob torrent (hybrid) of 1 GiB on tmpfs, loopback TCP, one process a side; Pier fills a partial blob and seals it",
        $"swarm: {RivalVersion.Libtorrent()}; {RivalVersion.Of("/usr/bin/aria2c", "--version")}; {RivalVersion.Of("/usr/sbin/nginx", "-v")}",
        "swarm: libtorrent's seed has checked its file before the clock starts (seed_mode would hash each piece before it is first sent)",
        "swarm: libtorrent of python3-libtorrent, disk_io_write_mode=0, aio_threads=2, no uTP, no encryption; libtorrent_side.py has all",
        "swarm: ceiling = curl from nginx into a file on the same tmpfs; block-allocations is the median of spells of 2 to 16 MiB, in transfers of its own",
    ];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<BenchRow>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var scratch = Directory.CreateDirectory(Path.Combine(context.Scratch, "one-to-one")).FullName;
        var blob = await BlobOnDisk.WriteAsync(scratch, Size, cancellationToken);
        var hybrid = await blob.SaveAsync(blob.Hybrid, Path.Combine(scratch, "hybrid.torrent"), tracker: null, cancellationToken);
        var v1 = await blob.SaveAsync(blob.V1, Path.Combine(scratch, "v1.torrent"), tracker: null, cancellationToken);
        await using var nginx = await HttpServer.StartNginxAsync(blob.Folder, blob.Hybrid.Name, cancellationToken);
        var get = Path.Combine(scratch, "get");

        var pairs = await context.InTurnAsync("swarm-1g", Pair(Contender.Pier, Contender.Pier, hybrid), Pair(Contender.Libtorrent, Contender.Libtorrent, hybrid), cancellationToken);
        var v1Pairs = await context.InTurnAsync("swarm-1g-v1", Pair(Contender.Pier, Contender.Pier, v1), Pair(Contender.Libtorrent, Contender.Libtorrent, v1), cancellationToken);
        var to = await context.InTurnAsync("swarm-to-libtorrent", Pair(Contender.Pier, Contender.Libtorrent, hybrid), Pair(Contender.Libtorrent, Contender.Libtorrent, hybrid), cancellationToken);
        var from = await context.InTurnAsync("swarm-from-libtorrent", Pair(Contender.Libtorrent, Contender.Pier, hybrid), Pair(Contender.Libtorrent, Contender.Libtorrent, hybrid), cancellationToken);
        var ceiling = await context.InTurnAsync(
            "swarm-1g-ceiling",
            async token => Math.Round((await Pair(Contender.Pier, Contender.Pier, hybrid)(token)).MegabytesPerSecond),
            token => nginx.CopyAsync(Path.Combine(scratch, "copy"), Size, token),
            cancellationToken);
        var watched = new List<Transfer>(context.Rounds);
        while (watched.Count < context.Rounds)
        {
            watched.Add(await Pair(Contender.PierWatched, Contender.PierWatched, hybrid)(cancellationToken));
        }

        Directory.Delete(scratch, recursive: true);
        return
        [
            Ratio("swarm-1g", Aim.Least(1.7), pairs, transfer => transfer.MegabytesPerSecond, "MB/s"),
            Ratio("swarm-1g-cpu", Aim.Most(0.8), pairs, transfer => transfer.CpuSeconds, "CPU s, both sides"),
            new BenchRow(
                Name, "swarm-1g-ceiling", "ratio", Aim.Least(0.5), [.. ceiling.Select(round => round.Pier / round.Rival)],
                $"Pier {Statistics.Median([.. ceiling.Select(round => round.Pier)]):0}, curl from nginx {Statistics.Median([.. ceiling.Select(round => round.Rival)]):0} MB/s"),
            Ratio("swarm-1g-v1", Aim.Least(1.7), v1Pairs, transfer => transfer.MegabytesPerSecond, "MB/s"),
            Ratio("swarm-to-libtorrent", Aim.Least(1.2), to, transfer => transfer.MegabytesPerSecond, "MB/s"),
            Ratio("swarm-from-libtorrent", Aim.Least(1.2), from, transfer => transfer.MegabytesPerSecond, "MB/s"),
            new BenchRow(
                Name, "swarm-1g-memory", "MB", Aim.Most(200), [.. pairs.Select(round => round.Pier.PeakMegabytes)],
                $"the larger side at its height; libtorrent {Statistics.Median([.. pairs.Select(round => round.Rival.PeakMegabytes)]):0} MB"),
            new BenchRow(
                Name, "block-allocations", "bytes", Aim.Most(0), [.. watched.Select(transfer => transfer.AllocatedPerBlock ?? double.NaN)],
                "allocated for each 16 KiB block in most spells of the transfer, both sides together"),
        ];

        Func<CancellationToken, Task<Transfer>> Pair(Contender seeder, Contender getter, string torrent) =>
            token => Transfer.RunAsync(seeder, getter, torrent, Size, blob.Folder, get, token);
    }

    private BenchRow Ratio(string name, Aim aim, IReadOnlyList<(Transfer Pier, Transfer Rival)> rounds, Func<Transfer, double> figure, string unit) => new(
        Name,
        name,
        "ratio",
        aim,
        [.. rounds.Select(round => figure(round.Pier) / figure(round.Rival))],
        $"Pier {Statistics.Median([.. rounds.Select(round => figure(round.Pier))]):0.0}, "
        + $"libtorrent {Statistics.Median([.. rounds.Select(round => figure(round.Rival))]):0.0} {unit}");
}
