using Pier.Benchmarks.Harness;
using Pier.BitTorrent.Blobs;
using Pier.BitTorrent.Torrents;
using Pier.Content;

namespace Pier.Benchmarks.Swarm;

/// <summary>A blob of 1 GiB from one peer to another over loopback: Pier to Pier against libtorrent to libtorrent.</summary>
internal sealed class SwarmArea : IBenchArea
{
    private const long Size = 1L << 30;
    private const string Python = "/usr/bin/python3";

    /// <inheritdoc/>
    public string Name => "swarm";

    /// <inheritdoc/>
    public IReadOnlyList<string> RowNames => ["swarm-1g", "swarm-1g-cpu"];

    /// <inheritdoc/>
    public IReadOnlyList<string> Settings { get; } =
    [
        "swarm: blob torrent (hybrid) of 1 GiB on tmpfs, loopback TCP, one process a side; Pier fills a partial blob and seals it",
        "swarm: libtorrent of python3-libtorrent, disk_io_write_mode=0, aio_threads=2, no uTP, no encryption; libtorrent_side.py has all",
    ];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<BenchRow>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var (torrent, seedFolder) = await PrepareAsync(context.Scratch, cancellationToken);
        var getFolder = Path.Combine(context.Scratch, "get");
        string[] pier = [Environment.ProcessPath!, "swarm-side"];
        string[] rival = [Python, Path.Combine(AppContext.BaseDirectory, "Swarm", "libtorrent_side.py")];
        var rounds = await context.InTurnAsync(
            "swarm-1g",
            token => Transfer.RunAsync(pier, torrent, seedFolder, getFolder, Size, token),
            token => Transfer.RunAsync(rival, torrent, seedFolder, getFolder, Size, token),
            cancellationToken);
        return
        [
            new BenchRow(
                Name,
                "swarm-1g",
                "ratio",
                Aim.Least(1.0),
                [.. rounds.Select(round => round.Pier.MegabytesPerSecond / round.Rival.MegabytesPerSecond)],
                Detail(rounds, transfer => transfer.MegabytesPerSecond, "MB/s")),
            new BenchRow(
                Name,
                "swarm-1g-cpu",
                "ratio",
                Aim.Most(1.2),
                [.. rounds.Select(round => round.Pier.CpuSeconds / round.Rival.CpuSeconds)],
                Detail(rounds, transfer => transfer.CpuSeconds, "CPU s, both sides")),
        ];
    }

    private static string Detail(IReadOnlyList<(Transfer Pier, Transfer Rival)> rounds, Func<Transfer, double> figure, string unit) =>
        $"Pier {Statistics.Median([.. rounds.Select(round => figure(round.Pier))]):0.0}, "
        + $"libtorrent {Statistics.Median([.. rounds.Select(round => figure(round.Rival))]):0.0} {unit}";

    private static async Task<(string Torrent, string Folder)> PrepareAsync(string scratch, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateDirectory(Path.Combine(scratch, "seed")).FullName;
        var unnamed = Path.Combine(folder, "blob");
        Digest digest;
        using (var hash = Digest.CreateHash(DigestAlgorithm.Sha256))
        {
            var block = new byte[1 << 20];
            var random = new Random(1);
            await using var file = File.Create(unnamed);
            for (var written = 0L; written < Size; written += block.Length)
            {
                random.NextBytes(block);
                hash.AppendData(block);
                await file.WriteAsync(block, cancellationToken);
            }

            digest = Digest.FromHash(DigestAlgorithm.Sha256, hash.GetHashAndReset());
        }

        var path = Path.Combine(folder, digest.Hex);
        File.Move(unnamed, path);
        Metainfo metainfo;
        using (var hasher = new BlobTorrentHasher(Size))
        {
            var block = new byte[1 << 20];
            await using var file = File.OpenRead(path);
            for (int read; (read = await file.ReadAsync(block, cancellationToken)) > 0;)
            {
                hasher.Append(block.AsSpan(0, read));
            }

            metainfo = hasher.Complete(digest.Hex);
        }

        var torrent = Path.Combine(scratch, "blob.torrent");
        await File.WriteAllBytesAsync(torrent, metainfo.ToTorrentFile(), cancellationToken);
        return (torrent, folder);
    }
}
