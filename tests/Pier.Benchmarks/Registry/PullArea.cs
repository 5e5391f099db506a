using System.Globalization;
using System.Security.Cryptography;
using Pier.Benchmarks.Harness;
using Pier.TestKit;
using Pier.TestKit.Engines;
using Pier.TestKit.Files;
using Pier.TestKit.Images;
using Pier.TestKit.Network;

namespace Pier.Benchmarks.Registry;

/// <summary>Whole pulls between hosts in network namespaces with lines of 1 Gbit/s: through Pier against straight from the registry, and what a cold layer costs.</summary>
internal sealed class PullArea : IBenchArea
{
    private const int Megabits = 1000;
    private const int ImageBytes = 500_000_000;
    private const long LayerBytes = 1L << 30;
    private const int Clients = 64;
    private const string Repository = "library/bench";

    /// <inheritdoc/>
    public string Name => "registry";

    /// <inheritdoc/>
    public IReadOnlyList<string> RowNames { get; } = ["pull-cold", "pull-peer", "first-byte", "coalesce"];

    /// <inheritdoc/>
    public IReadOnlyList<string> Settings { get; } =
    [
        $"pull-cold, pull-peer: skopeo copy of {ImageBytes / 1_000_000} MB in four layers to a folder on tmpfs; docker-registry and the peer send at {Megabits} Mbit/s (TBF)",
        $"first-byte, coalesce: a cold layer of 1 GiB; {Clients} clients of one node at the same moment",
    ];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<BenchRow>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        await using var folder = TempFolder.Create("pull", context.Scratch);
        await using var network = await TestNetwork.CreateAsync(cancellationToken);
        var host = await network.AddHostAsync("upstream", cancellationToken);
        await using var upstream = await UpstreamRegistry.StartAsync(host, folder.MakeFolder("registry"), writable: true, cancellationToken);
        var image = await PublishAsync(host, upstream, folder, "image", ImageBytes / 4, layers: 4, cancellationToken);
        var layer = await PublishAsync(host, upstream, folder, "layer", LayerBytes, layers: 1, cancellationToken);
        await upstream.LimitAsync(Megabits, cancellationToken);
        var hosts = (await network.AddHostAsync("one", cancellationToken), await network.AddHostAsync("two", cancellationToken));
        await hosts.Item1.LimitSendingAsync(Megabits, cancellationToken);
        return
        [
            .. await PullsAsync(context, folder, upstream, hosts.Item1, hosts.Item2, image, cancellationToken),
            .. await ColdAsync(context, upstream, hosts.Item2, layer, cancellationToken),
        ];
    }

    private async Task<IReadOnlyList<BenchRow>> PullsAsync(
        BenchContext context, TempFolder folder, UpstreamRegistry upstream, NetworkHost one, NetworkHost two, TestImage image, CancellationToken cancellationToken)
    {
        var (direct, cold, peer) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < context.Rounds; round++)
        {
            direct.Add(await CopyAsync(two, upstream.Address.Authority, image, folder, cancellationToken));
            await using (var alone = await PierNode.StartAsync(two, new PierNodePlan { DockerHub = upstream.Address }, cancellationToken))
            {
                cold.Add(await CopyAsync(two, PierNode.Mirror.Authority, image, folder, cancellationToken));
            }
            await using var first = await PierNode.StartAsync(one, new PierNodePlan { DockerHub = upstream.Address }, cancellationToken);
            var token = await first.FoundClusterAsync(cancellationToken);
            await CopyAsync(one, PierNode.Mirror.Authority, image, folder, cancellationToken);
            await first.WaitUntilSeededAsync(image, cancellationToken);
            await using var second = await PierNode.StartAsync(
                two, new PierNodePlan { DockerHub = upstream.Address, Join = token.JoinAddress, Token = token.Token }, cancellationToken);
            await Eventually.TrueAsync(async () => (await second.MembersAsync(cancellationToken)).Count == 2, "the members to meet", TimeSpan.FromSeconds(60), cancellationToken);
            peer.Add(await CopyAsync(two, PierNode.Mirror.Authority, image, folder, cancellationToken));
            await Console.Error.WriteLineAsync($"pull, round {round + 1}: direct {direct[^1]:0.0} s, cold through Pier {cold[^1]:0.0} s, from a peer {peer[^1]:0.0} s");
        }
        return
        [
            new BenchRow(Name, "pull-cold", "ratio", Aim.Most(1.05), [.. cold.Zip(direct, (ours, theirs) => ours / theirs)], $"Pier {Statistics.Median(cold):0.0} s, direct {Statistics.Median(direct):0.0} s"),
            new BenchRow(Name, "pull-peer", "ratio", Aim.Most(1.1), [.. peer.Zip(direct, (ours, theirs) => ours / theirs)], $"from a peer {Statistics.Median(peer):0.0} s, from docker-registry {Statistics.Median(direct):0.0} s"),
        ];
    }

    private async Task<IReadOnlyList<BenchRow>> ColdAsync(
        BenchContext context, UpstreamRegistry upstream, NetworkHost host, TestImage image, CancellationToken cancellationToken)
    {
        var address = new Uri(PierNode.Mirror, $"/v2/{image.Repository}/blobs/{image.Layers[0].Digest}").ToString();
        var (shares, copies) = (new List<double>(), new List<double>());
        for (var round = 0; round < context.Rounds; round++)
        {
            await using (await PierNode.StartAsync(host, new PierNodePlan { DockerHub = upstream.Address }, cancellationToken))
            {
                var times = (await CurlAsync("%{time_starttransfer} %{time_total}")).Split(' ').Select(time => double.Parse(time, CultureInfo.InvariantCulture)).ToArray();
                shares.Add(times[0] / times[1]);
                await Console.Error.WriteLineAsync($"first-byte, round {round + 1}: {times[0]:0.000} s of {times[1]:0.0} s");
            }
            await using (await PierNode.StartAsync(host, new PierNodePlan { DockerHub = upstream.Address }, cancellationToken))
            {
                var before = await upstream.BytesSentAsync(cancellationToken);
                await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => CurlAsync("")));
                copies.Add((await upstream.BytesSentAsync(cancellationToken) - before) / (double)LayerBytes);
                await Console.Error.WriteLineAsync($"coalesce, round {round + 1}: {copies[^1]:0.0000}");
            }
        }
        return
        [
            new BenchRow(Name, "first-byte", "ratio", Aim.Most(0.05), shares, "first byte / whole layer, curl"),
            new BenchRow(Name, "coalesce", "copies", Aim.Most(1.01), copies, "bytes of the upstream's port, headers of TCP and HTTP included, / layer"),
        ];

        async Task<string> CurlAsync(string figures) =>
            (await host.Namespace.RunAsync("/usr/bin/curl", ["-sS", "--fail", "-o", "/dev/null", "-w", figures, address], cancellationToken)).OrThrow().Output;
    }

    private static async Task<double> CopyAsync(NetworkHost host, string registry, TestImage image, TempFolder folder, CancellationToken cancellationToken)
    {
        var target = folder.Below("copy");
        var start = TimeProvider.System.GetTimestamp();
        (await host.Namespace.RunAsync(
            "/usr/bin/skopeo",
            ["copy", "--quiet", "--insecure-policy", "--src-tls-verify=false", $"docker://{registry}/{image.Repository}:{image.Tag}", "dir:" + target],
            cancellationToken)).OrThrow();
        var taken = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        Directory.Delete(target, recursive: true);
        return taken;
    }

    private static async Task<TestImage> PublishAsync(
        NetworkHost host, UpstreamRegistry upstream, TempFolder folder, string tag, long layerBytes, int layers, CancellationToken cancellationToken)
    {
        using var client = host.Namespace.CreateHttpClient();
        client.Timeout = TimeSpan.FromMinutes(5);
        var publisher = new ImagePublisher(client, upstream.Address);
        var pushed = new List<TestLayer>();
        var block = new byte[1 << 20];
        while (pushed.Count < layers)
        {
            await using (var file = File.Create(folder.Below("new")))
            {
                for (var written = 0L; written < layerBytes; written += block.Length)
                {
                    RandomNumberGenerator.Fill(block);
                    await file.WriteAsync(block.AsMemory(0, (int)Math.Min(block.Length, layerBytes - written)), cancellationToken);
                }
            }
            pushed.Add(await publisher.PushLayerAsync(Repository, folder.Below("new"), ImagePublisher.DigestOf([]), cancellationToken));
        }
        File.Delete(folder.Below("new"));
        return await publisher.PushImageAsync(Repository, tag, pushed, cancellationToken);
    }
}
