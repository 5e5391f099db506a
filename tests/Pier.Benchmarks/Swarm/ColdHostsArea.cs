using System.Security.Cryptography;
using Pier.Benchmarks.Harness;
using Pier.TestKit.Engines;
using Pier.TestKit.Images;
using Pier.TestKit.Network;

namespace Pier.Benchmarks.Swarm;

/// <summary>
/// Eight members with lines of 100 Mbit/s each way pull a layer of 200 MB at the same moment that nobody has but an upstream with
/// such a line, against the best that the lines allow. Whole programs: pierd with its registry door, turns and provisional pieces.
/// </summary>
internal sealed class ColdHostsArea : IBenchArea
{
    private const string Time = "swarm-8x100-cold";
    private const string Upstream = "swarm-8x100-cold-upstream";
    private const string Repository = "library/cold";
    private const int Size = 200_000_000;
    private const int Megabits = 100;
    private const int Hosts = 8;

    /// <inheritdoc/>
    public string Name => "swarm";

    /// <inheritdoc/>
    public IReadOnlyList<string> RowNames { get; } = [Time, Upstream];

    /// <inheritdoc/>
    public IReadOnlyList<string> Settings { get; } =
    [
        $"swarm-8x100-cold: a docker-registry and {Hosts} pierd of one cluster in network namespaces, TBF {Megabits} Mbit/s each way; a client on each host pulls the layer from its pierd",
        "swarm-8x100-cold: bound = F/u with u = curl's goodput from the upstream's host; every round has a layer of its own and members that hold nothing",
    ];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<BenchRow>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var scratch = Directory.CreateDirectory(Path.Combine(context.Scratch, "cold")).FullName;
        await using var network = await TestNetwork.CreateAsync(cancellationToken);
        var origin = await AddHostAsync(network, "upstream", cancellationToken);
        var hosts = new List<NetworkHost>();
        while (hosts.Count < Hosts)
        {
            hosts.Add(await AddHostAsync(network, $"cold{hosts.Count + 1}", cancellationToken));
        }

        var goodput = await GoodputAsync(origin, hosts[0], scratch, cancellationToken);
        var bound = Size / goodput;
        var times = new List<double>();
        var copies = new List<double>();
        for (var round = 1; round <= context.Rounds; round++)
        {
            var folder = Directory.CreateDirectory(Path.Combine(scratch, "round")).FullName;
            await using (var upstream = await UpstreamRegistry.StartAsync(origin, Directory.CreateDirectory(Path.Combine(folder, "registry")).FullName, writable: true, cancellationToken))
            {
                var layer = await PublishAsync(origin, upstream, folder, cancellationToken);
                await using var members = await MemberGroup.StartAsync(hosts, upstream.Address, folder, cancellationToken);
                var before = await upstream.BytesSentAsync(cancellationToken);
                var seconds = await members.PullAsync(Repository, layer, cancellationToken);
                times.Add(seconds.Max() / bound);
                copies.Add((double)(await upstream.BytesSentAsync(cancellationToken) - before) / Size);
                await Console.Error.WriteLineAsync(
                    $"{Time}, round {round}: {seconds.Min():0.0} to {seconds.Max():0.0} s, bound {bound:0.0} s, upstream sent {copies[^1]:0.000} copies");
            }

            Directory.Delete(folder, recursive: true);
        }

        return
        [
            new BenchRow(Name, Time, "ratio", Aim.Most(1.35), times, $"all done / {bound:0.0} s, which the upstream's line takes for one copy"),
            new BenchRow(Name, Upstream, "copies", Aim.Most(1.05), copies, "bytes the upstream sent / F"),
        ];
    }

    private static async Task<NetworkHost> AddHostAsync(TestNetwork network, string name, CancellationToken cancellationToken)
    {
        var host = await network.AddHostAsync(name, cancellationToken);
        await host.LimitSendingAsync(Megabits, cancellationToken);
        await host.LimitReceivingAsync(Megabits, cancellationToken);
        return host;
    }

    private static async Task<double> GoodputAsync(NetworkHost from, NetworkHost to, string scratch, CancellationToken cancellationToken)
    {
        var blob = await BlobOnDisk.WriteAsync(scratch, Size, cancellationToken);
        var goodput = await LineGoodput.MeasureAsync(from, to, blob, cancellationToken);
        Directory.Delete(blob.Folder, recursive: true);
        return goodput;
    }

    private static async Task<TestLayer> PublishAsync(NetworkHost host, UpstreamRegistry upstream, string folder, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, "layer");
        await File.WriteAllBytesAsync(path, RandomNumberGenerator.GetBytes(Size), cancellationToken);
        using var client = host.Namespace.CreateHttpClient();
        var publisher = new ImagePublisher(client, upstream.Address);
        var layer = await publisher.PushLayerAsync(Repository, path, ImagePublisher.DigestOf([]), cancellationToken);
        await publisher.PushImageAsync(Repository, "1", [layer], cancellationToken);
        File.Delete(path);
        return layer;
    }
}
