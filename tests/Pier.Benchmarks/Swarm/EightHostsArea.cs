using Pier.Benchmarks.Harness;
using Pier.TestKit.Network;

namespace Pier.Benchmarks.Swarm;

/// <summary>Eight hosts with lines of 100 Mbit/s each way get 200 MB from one seed at the same moment, against the best that the lines allow.</summary>
internal sealed class EightHostsArea : IBenchArea
{
    private const long Size = 200_000_000;
    private const int Megabits = 100;
    private const int Hosts = 8;
    private static readonly Contender[] Contenders = [Contender.Pier, Contender.LibtorrentOnLines, Contender.Aria2];

    /// <inheritdoc/>
    public string Name => "swarm";

    /// <inheritdoc/>
    public IReadOnlyList<string> RowNames { get; } = ["swarm-8x100", "swarm-8x100-seed"];

    /// <inheritdoc/>
    public IReadOnlyList<string> Settings { get; } =
    [
        $"swarm-8x100: a seed and {Hosts} getting hosts in network namespaces, TBF {Megabits} Mbit/s each way, an opentracker on the seed's host",
        "swarm-8x100: bound = max(F/u, F/d, N·F/Σu) with u = d = curl's goodput on the same lines; aria2 takes the v1 torrent, the others the hybrid",
        "swarm-8x100: libtorrent with send buffers and depths of requests of its own instead of those that are best on loopback, which were slower here in one round in turn",
    ];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<BenchRow>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var scratch = Directory.CreateDirectory(Path.Combine(context.Scratch, "eight")).FullName;
        var blob = await BlobOnDisk.WriteAsync(scratch, Size, cancellationToken);
        await using var network = await TestNetwork.CreateAsync(cancellationToken);
        var hosts = new List<NetworkHost>();
        for (var number = 0; number <= Hosts; number++)
        {
            var host = await network.AddHostAsync(number == 0 ? "seed" : $"get{number}", cancellationToken);
            await host.LimitSendingAsync(Megabits, cancellationToken);
            await host.LimitReceivingAsync(Megabits, cancellationToken);
            hosts.Add(host);
        }

        var goodput = await LineGoodput.MeasureAsync(hosts[0], hosts[1], blob, cancellationToken);
        // All hosts together cannot be faster than the lines: N·F/Σu is smaller than F/d as soon as the seed's own line counts too.
        var bound = Math.Max(Size / goodput, Hosts * Size / ((Hosts + 1) * goodput));
        await using var tracker = await TrackerOnHost.StartAsync(hosts[0], scratch, [blob.Hybrid, blob.V1], cancellationToken);
        var hybrid = await blob.SaveAsync(blob.Hybrid, Path.Combine(scratch, "hybrid.torrent"), tracker.Announce, cancellationToken);
        var v1 = await blob.SaveAsync(blob.V1, Path.Combine(scratch, "v1.torrent"), tracker.Announce, cancellationToken);

        var results = Contenders.ToDictionary(contender => contender, _ => new List<GroupTransfer>());
        for (var round = 1; round <= context.Rounds; round++)
        {
            foreach (var contender in Contenders)
            {
                var torrent = contender == Contender.Aria2 ? v1 : hybrid;
                var result = await GroupTransfer.RunAsync(contender, torrent, blob.Folder, Path.Combine(scratch, "get"), hosts, cancellationToken);
                await Console.Error.WriteLineAsync($"swarm-8x100, round {round}: {contender.Name} {result}, bound {bound:0.0} s");
                results[contender].Add(result);
            }
        }

        Directory.Delete(scratch, recursive: true);
        return
        [
            Row("swarm-8x100", Aim.Most(1.15), "ratio", result => result.Seconds / bound, $"all done / {bound:0.0} s"),
            Row("swarm-8x100-seed", Aim.Most(1.3), "copies", result => (double)result.SeedBytes / Size, "bytes the seed sent / F"),
        ];

        BenchRow Row(string name, Aim aim, string unit, Func<GroupTransfer, double> figure, string what) => new(
            Name, name, unit, aim, [.. results[Contender.Pier].Select(figure)],
            $"{what}; {string.Join(", ", Contenders.Skip(1).Select(rival => $"{rival.Name} {Statistics.Median([.. results[rival].Select(figure)]):0.00}"))}");
    }
}
