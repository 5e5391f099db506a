using System.Globalization;
using Pier.Benchmarks.Harness;
using Pier.TestKit.Images;

namespace Pier.Benchmarks.Registry;

/// <summary>What a layer that only the registry has costs: how soon its first byte comes, and how often it is fetched for many clients.</summary>
internal sealed class ColdLayerArea : IBenchArea
{
    private const long LayerBytes = 1L << 30;
    private const int Clients = 64;
    private const string FirstByte = "first-byte";
    private const string Coalesce = "coalesce";

    /// <inheritdoc/>
    public string Name => "registry";

    /// <inheritdoc/>
    public IReadOnlyList<string> RowNames { get; } = [FirstByte, Coalesce];

    /// <inheritdoc/>
    public IReadOnlyList<string> Settings { get; } =
        [$"first-byte, coalesce: a cold layer of 1 GiB, docker-registry sends at {PullScene.Megabits} Mbit/s (TBF); {Clients} clients of one node at the same moment"];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<BenchRow>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        if (!RowNames.Any(context.Wants))
        {
            return [];
        }
        await using var scene = await PullScene.StartAsync(context.Scratch, cancellationToken);
        var image = await scene.PublishAsync("layer", LayerBytes, layers: 1, isTar: false, cancellationToken);
        var rows = new List<BenchRow>();
        if (context.Wants(FirstByte))
        {
            var shares = await RoundsAsync(context, FirstByte, () => FirstByteAsync(scene, image, cancellationToken));
            rows.Add(new BenchRow(Name, FirstByte, "ratio", Aim.Most(0.05), shares, "first byte / whole layer, curl"));
        }
        if (context.Wants(Coalesce))
        {
            var copies = await RoundsAsync(context, Coalesce, () => CopiesAsync(scene, image, cancellationToken));
            rows.Add(new BenchRow(Name, Coalesce, "copies", Aim.Most(1.01), copies, "bytes of the upstream's port, headers of TCP and HTTP included, / layer"));
        }
        return rows;
    }

    private static async Task<IReadOnlyList<double>> RoundsAsync(BenchContext context, string row, Func<Task<double>> measure)
    {
        var samples = new List<double>();
        while (samples.Count < context.Rounds)
        {
            samples.Add(await measure());
            await Console.Error.WriteLineAsync($"{row}, round {samples.Count}: {samples[^1]:0.0000}");
        }
        return samples;
    }

    private static async Task<double> FirstByteAsync(PullScene scene, TestImage image, CancellationToken cancellationToken)
    {
        await using var node = await scene.StartNodeAsync(scene.Two, token: null, cancellationToken);
        var times = (await CurlAsync(scene, image, "%{time_starttransfer} %{time_total}", cancellationToken)).Split(' ')
            .Select(time => double.Parse(time, CultureInfo.InvariantCulture)).ToArray();
        return times[0] / times[1];
    }

    private static async Task<double> CopiesAsync(PullScene scene, TestImage image, CancellationToken cancellationToken)
    {
        await using var node = await scene.StartNodeAsync(scene.Two, token: null, cancellationToken);
        var before = await scene.Upstream.BytesSentAsync(cancellationToken);
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => CurlAsync(scene, image, "", cancellationToken)));
        return (await scene.Upstream.BytesSentAsync(cancellationToken) - before) / (double)LayerBytes;
    }

    private static async Task<string> CurlAsync(PullScene scene, TestImage image, string figures, CancellationToken cancellationToken)
    {
        var address = new Uri(TestKit.Engines.PierNode.Mirror, $"/v2/{image.Repository}/blobs/{image.Layers[0].Digest}").ToString();
        return (await scene.Two.Namespace.RunAsync("/usr/bin/curl", ["-sS", "--fail", "-o", "/dev/null", "-w", figures, address], cancellationToken)).OrThrow().Output;
    }
}
