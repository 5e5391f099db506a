using Pier.Benchmarks.Harness;
using Pier.Content;

namespace Pier.Benchmarks.Registry;

/// <summary>A warm blob of 1 GiB out of the store by one and by eight clients: pierd against nginx.</summary>
internal sealed class RegistryArea : IBenchArea
{
    private const long Size = 1L << 30;
    private static readonly int[] Clients = [1, 8];

    /// <inheritdoc/>
    public string Name => "registry";

    /// <inheritdoc/>
    public IReadOnlyList<string> RowNames { get; } = [.. Clients.SelectMany(count => new[] { $"blob-get-{count}", $"blob-get-{count}-cpu" })];

    /// <inheritdoc/>
    public IReadOnlyList<string> Settings =>
    [
        "registry: 1 GiB on tmpfs, HTTP/1.1 over loopback, curl -o /dev/null; CPU is the server's alone",
        $"registry: {RivalVersion.Of("/usr/sbin/nginx", "-v")}; {RivalVersion.Of("/usr/bin/curl", "--version")}",
        "registry: nginx with sendfile, tcp_nopush, a worker per processor, no access log",
    ];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<BenchRow>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var state = Directory.CreateDirectory(Path.Combine(context.Scratch, "state")).FullName;
        var digest = await WriteBlobAsync(state, context.Scratch, cancellationToken);
        await using var pier = await HttpServer.StartPierAsync(state, digest.ToString(), cancellationToken);
        await using var nginx = await HttpServer.StartNginxAsync(context.Scratch, digest.Hex, cancellationToken);
        var rows = new List<BenchRow>();
        foreach (var count in Clients)
        {
            var rounds = await context.InTurnAsync(
                $"blob-get-{count}",
                token => pier.DownloadAsync(count, Size, token),
                token => nginx.DownloadAsync(count, Size, token),
                cancellationToken);
            rows.Add(Row($"blob-get-{count}", Aim.Least(1.0), rounds, download => download.MegabytesPerSecond, "MB/s"));
            rows.Add(Row($"blob-get-{count}-cpu", Aim.Most(2.0), rounds, download => download.CpuSecondsPerGiB, "CPU s/GiB"));
        }

        return rows;
    }

    private BenchRow Row(string name, Aim aim, IReadOnlyList<(Download Pier, Download Rival)> rounds, Func<Download, double> figure, string unit) => new(
        Name,
        name,
        "ratio",
        aim,
        [.. rounds.Select(round => figure(round.Pier) / figure(round.Rival))],
        $"Pier {Statistics.Median([.. rounds.Select(round => figure(round.Pier))]):0.00}, nginx {Statistics.Median([.. rounds.Select(round => figure(round.Rival))]):0.00} {unit}");

    /// <summary>Writes the blob as a store keeps it, and links it for nginx: both serve the same pages of memory.</summary>
    private static async Task<Digest> WriteBlobAsync(string state, string nginxRoot, CancellationToken cancellationToken)
    {
        var unnamed = Path.Combine(state, "unnamed");
        using var hash = Digest.CreateHash(DigestAlgorithm.Sha256);
        var block = new byte[1 << 20];
        var random = new Random(1);
        await using (var file = File.Create(unnamed))
        {
            for (var written = 0L; written < Size; written += block.Length)
            {
                random.NextBytes(block);
                hash.AppendData(block);
                await file.WriteAsync(block, cancellationToken);
            }
        }

        var digest = Digest.FromHash(DigestAlgorithm.Sha256, hash.GetHashAndReset());
        var shard = Directory.CreateDirectory(Path.Combine(state, "blobs", "sha256", digest.Hex[..2])).FullName;
        var path = Path.Combine(shard, digest.Hex);
        File.Move(unnamed, path);
        (await TestKit.Processes.Command.RunAsync("ln", [path, Path.Combine(nginxRoot, digest.Hex)], cancellationToken)).OrThrow();
        return digest;
    }
}
