using Pier.Benchmarks.Harness;

namespace Pier.Benchmarks.Registry;

/// <summary>A warm blob of 1 GiB out of the store by one, eight and 64 clients: pierd against nginx.</summary>
internal sealed class RegistryArea : IBenchArea
{
    private const long Size = 1L << 30;
    private static readonly int[] Clients = [1, 8, 64];

    /// <inheritdoc/>
    public string Name => "registry";

    /// <inheritdoc/>
    public IReadOnlyList<string> RowNames { get; } = [.. Clients.SelectMany(count => new[] { $"blob-get-{count}", $"blob-get-{count}-cpu" }), "blob-get-cpu", "memory-64"];

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
        var digest = await StoredBlob.WriteAsync(state, context.Scratch, Size, cancellationToken);
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
            if (count == 8)
            {
                rows.Add(Row("blob-get-cpu", Aim.Most(1.5), rounds, download => download.CpuSecondsPerGiB, "CPU s/GiB"));
            }
        }

        rows.Add(new BenchRow(
            Name, "memory-64", "MB", Aim.Most(250), [ProcessMemory.PeakBytes(pier.ProcessId) / 1e6], "the most that was resident in pierd, the rounds with 64 streams of 1 GiB included"));
        return rows;
    }

    private BenchRow Row(string name, Aim aim, IReadOnlyList<(Download Pier, Download Rival)> rounds, Func<Download, double> figure, string unit) => new(
        Name,
        name,
        "ratio",
        aim,
        [.. rounds.Select(round => figure(round.Pier) / figure(round.Rival))],
        $"Pier {Statistics.Median([.. rounds.Select(round => figure(round.Pier))]):0.00}, nginx {Statistics.Median([.. rounds.Select(round => figure(round.Rival))]):0.00} {unit}");
}
