using Pier.Benchmarks.Harness;
using Pier.TestKit.Engines;
using Pier.TestKit.Files;
using Pier.TestKit.Network;
using Pier.TestKit.Processes;

namespace Pier.Benchmarks.Mounts;

/// <summary>Mounted torrents whose content is with a seed on another host: read in order, and at places that nobody has read before.</summary>
internal sealed class LazyArea : IBenchArea
{
    private const long SequentialSize = 1L << 30;
    private const long RandomSize = 4L << 30;
    private const int Places = 20;
    private const int Small = 4096;
    private const int Megabits = 1000;

    private static readonly Uri Nobody = new("http://127.0.0.1:9/");

    /// <inheritdoc/>
    public string Name => "mount";

    /// <inheritdoc/>
    public IReadOnlyList<string> RowNames { get; } = ["lazy-sequential", "lazy-first-byte", "lazy-first-byte-bytes"];

    /// <inheritdoc/>
    public IReadOnlyList<string> Settings =>
    [
        "lazy-sequential: two pierd in network namespaces; pier mount and dd bs=1M of 1 GiB that is with the other, against pier get of it; nothing here before either",
        $"lazy-first-byte: {Places} reads of 4 KiB, far from each other, of a 4 GiB hybrid torrent; seed behind TBF {Megabits} Mbit/s; bytes are those that the seed's port sent",
    ];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<BenchRow>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        await using var disk = TempFolder.Create("bench-lazy", Directory.GetCurrentDirectory());
        await using var network = await TestNetwork.CreateAsync(cancellationToken);
        var (far, near) = (await network.AddHostAsync("seed", cancellationToken), await network.AddHostAsync("reader", cancellationToken));
        await using var seed = await StartAsync(far, disk.Below("seed"), cancellationToken);
        await using var reader = await StartAsync(near, disk.Below("reader"), cancellationToken);
        var rows = new List<BenchRow>();
        if (context.Wants(RowNames[0]))
        {
            rows.Add(await SequentialAsync(context, disk, seed, reader, cancellationToken));
        }

        if (RowNames.Skip(1).Any(context.Wants))
        {
            await far.LimitSendingAsync(Megabits, cancellationToken);
            rows.AddRange(await FirstBytesAsync(context, disk, seed, reader, cancellationToken));
        }

        return rows;
    }

    private static async Task<BenchRow> SequentialAsync(BenchContext context, TempFolder disk, PierNode seed, PierNode reader, CancellationToken cancellationToken)
    {
        var file = disk.Below("data.bin");
        MountArea.Write(file, SequentialSize);
        var magnet = await SeedAsync(seed, file, cancellationToken);
        var (folder, got) = (disk.MakeFolder("mnt"), disk.Below("got.bin"));
        var rounds = await context.InTurnAsync(
            "lazy-sequential",
            async token =>
            {
                var start = TimeProvider.System.GetTimestamp();
                (await reader.PierAsync(["mount", magnet, folder], token)).OrThrow();
                (await Command.RunAsync("dd", [$"if={folder}/data.bin", "of=/dev/null", "bs=1M", "status=none"], token)).OrThrow();
                var seconds = Seconds(start);
                (await reader.PierAsync(["umount", "--force", folder], token)).OrThrow();
                return seconds;
            },
            async token =>
            {
                var start = TimeProvider.System.GetTimestamp();
                (await reader.PierAsync(["get", magnet, got], token)).OrThrow();
                var seconds = Seconds(start);
                File.Delete(got);
                return seconds;
            },
            cancellationToken);
        return new BenchRow(
            "mount", "lazy-sequential", "ratio", Aim.Most(1.1), [.. rounds.Select(round => round.Pier / round.Rival)],
            $"mounted and read {Statistics.Median([.. rounds.Select(round => round.Pier)])} s, fetched {Statistics.Median([.. rounds.Select(round => round.Rival)])} s");
    }

    private static async Task<IReadOnlyList<BenchRow>> FirstBytesAsync(BenchContext context, TempFolder disk, PierNode seed, PierNode reader, CancellationToken cancellationToken)
    {
        var file = disk.Below("large.bin");
        await using (var made = File.Create(file))
        {
            // Zeros, which nobody along the way compresses.
            made.SetLength(RandomSize);
        }

        var magnet = await SeedAsync(seed, file, cancellationToken);
        var folder = disk.MakeFolder("large");
        var (times, bytes) = (new List<double>(), new List<double>());
        for (var round = 0; round < context.Rounds; round++)
        {
            (await reader.PierAsync(["mount", magnet, folder], cancellationToken)).OrThrow();
            using (var handle = File.OpenHandle(Path.Combine(folder, "large.bin"), options: FileOptions.RandomAccess))
            {
                // Connections and keys are not what is asked about.
                RandomAccess.Read(handle, new byte[Small], 0);
                var random = new Random(round);
                var before = await seed.Host.BytesFromPortAsync(PierNode.PeersPort, cancellationToken);
                var took = new List<double>();
                for (var place = 1; place <= Places; place++)
                {
                    var offset = ((place * RandomSize / (Places + 1)) + random.Next(16 << 20)) & ~(Small - 1L);
                    var start = TimeProvider.System.GetTimestamp();
                    RandomAccess.Read(handle, new byte[Small], offset);
                    took.Add(Seconds(start) * 1000);
                }

                times.Add(Statistics.Median(took));
                bytes.Add((double)(await seed.Host.BytesFromPortAsync(PierNode.PeersPort, cancellationToken) - before) / Places / 1024);
                await Console.Error.WriteLineAsync($"lazy-first-byte, round {round + 1}: {times[^1]:0.0} ms, {bytes[^1]:0} KiB");
            }

            (await reader.PierAsync(["umount", "--force", folder], cancellationToken)).OrThrow();
        }

        return
        [
            new BenchRow("mount", "lazy-first-byte", "ms", Aim.Most(50), times, $"median of {Places} places"),
            new BenchRow("mount", "lazy-first-byte-bytes", "KiB", Aim.Most(128), bytes, "bytes of the seed's port for each read"),
        ];
    }

    private static Task<PierNode> StartAsync(NetworkHost host, string state, CancellationToken cancellationToken) =>
        PierNode.StartAsync(host, new PierNodePlan { DockerHub = Nobody, State = state, Flags = ["--peers", "0.0.0.0:5056"] }, cancellationToken);

    private static async Task<string> SeedAsync(PierNode seed, string path, CancellationToken cancellationToken) =>
        (await seed.PierAsync(["seed", path, "--torrent", "-"], cancellationToken)).OrThrow().Output.Split('\n')
            .First(line => line.StartsWith("magnet:", StringComparison.Ordinal));

    private static double Seconds(long start) => TimeProvider.System.GetElapsedTime(start).TotalSeconds;
}
