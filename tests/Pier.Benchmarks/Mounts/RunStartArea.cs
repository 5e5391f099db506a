using Pier.Benchmarks.Harness;
using Pier.TestKit.Engines;
using Pier.TestKit.Files;

namespace Pier.Benchmarks.Mounts;

/// <summary>What a volume whose content is elsewhere adds to the start of a container.</summary>
internal sealed class RunStartArea : IBenchArea
{
    private const string Row = "run-start";
    private const long Size = 1L << 30;
    private const int Runs = 5;

    /// <inheritdoc/>
    public string Name => "mount";

    /// <inheritdoc/>
    public IReadOnlyList<string> RowNames { get; } = [Row];

    /// <inheritdoc/>
    public IReadOnlyList<string> Settings => [$"run-start: docker run --rm -v VOLUME:/data IMAGE true, median of {Runs}; each with a new volume of 1 GiB that is on another host, against a new local one"];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<BenchRow>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 1, cancellationToken);
        await using var disk = TempFolder.Create("bench-run", Directory.GetCurrentDirectory());
        await using var shared = await SharedFolder.CreateAsync(cancellationToken);
        var file = disk.Below("data.bin");
        MountArea.Write(file, Size);
        var magnet = (await cluster.Nodes[0].PierAsync(["seed", file, "--torrent", "-"], cancellationToken)).OrThrow().Output.Split('\n')
            .First(line => line.StartsWith("magnet:", StringComparison.Ordinal));
        var token = await cluster.Nodes[0].FoundClusterAsync(cancellationToken);
        var host = await cluster.Network.AddHostAsync("runner", cancellationToken);
        await using var node = await PierNode.StartAsync(
            host,
            new PierNodePlan
            {
                DockerHub = cluster.Upstream.Address, Join = token.JoinAddress, Token = token.Token, State = shared.Below("state"),
                Flags = ["--volume-driver", shared.Below("driver.sock")],
            },
            cancellationToken);
        await using var docker = await DockerEngine.StartAsync(
            host, new DockerPlan { Mirror = PierNode.Mirror, Driver = ("pier", shared.Below("driver.sock")) }, cancellationToken);
        await docker.PullAsync(cluster.Images.Debian.Name, cancellationToken);
        var rounds = await context.InTurnAsync(
            Row,
            cancel => MedianAsync(docker, cluster.Images.Debian.Name, ["-d", "pier", "-o", "source=" + magnet], cancel),
            cancel => MedianAsync(docker, cluster.Images.Debian.Name, [], cancel),
            cancellationToken);
        return
        [
            new BenchRow(
                "mount", Row, "ms", Aim.Most(100), [.. rounds.Select(round => round.Pier - round.Rival)],
                $"with the volume {Statistics.Median([.. rounds.Select(round => round.Pier)])} ms, with a local one {Statistics.Median([.. rounds.Select(round => round.Rival)])} ms"),
        ];
    }

    private static async Task<double> MedianAsync(DockerEngine docker, string image, string[] options, CancellationToken cancellationToken)
    {
        var took = new List<double>();
        for (var run = 0; run < Runs; run++)
        {
            (await docker.DockerAsync(["volume", "create", .. options, "bench"], cancellationToken)).OrThrow();
            var start = TimeProvider.System.GetTimestamp();
            (await docker.DockerAsync(["run", "--rm", "--network", "none", "-v", "bench:/data:ro", image, "true"], cancellationToken)).OrThrow();
            took.Add(TimeProvider.System.GetElapsedTime(start).TotalMilliseconds);
            (await docker.DockerAsync(["volume", "rm", "bench"], cancellationToken)).OrThrow();
        }

        return Math.Round(Statistics.Median(took), 1);
    }
}
