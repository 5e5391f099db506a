using Pier.Benchmarks.Harness;
using Pier.TestKit;
using Pier.TestKit.Engines;
using Pier.TestKit.Images;

namespace Pier.Benchmarks.Registry;

/// <summary>Pulls of a real dockerd: through Pier, with and without a peer, against straight from the registry.</summary>
internal sealed class PullArea : IBenchArea
{
    private const long ImageBytes = 500_000_000;
    private const int Layers = 4;

    private static readonly string[] Rows = ["pull-cold", "pull-peer"];

    /// <inheritdoc/>
    public string Name => "registry";

    /// <inheritdoc/>
    public IReadOnlyList<string> RowNames => Rows;

    /// <inheritdoc/>
    public IReadOnlyList<string> Settings =>
    [
        $"pull-cold, pull-peer: docker pull of {ImageBytes / 1_000_000} MB in {Layers} layers of tar.gz, {RivalVersion.Of(EnginePrograms.Installed.PathOf("/usr/sbin/dockerd"), "--version")}, its data on tmpfs; the image is removed between rounds",
        $"pull-cold, pull-peer: docker-registry and the peer send at {PullScene.Megabits} Mbit/s (TBF); straight = docker-registry itself as the engine's mirror",
    ];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<BenchRow>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        if (!Rows.Any(context.Wants))
        {
            return [];
        }
        await using var scene = await PullScene.StartAsync(context.Scratch, cancellationToken);
        var image = await scene.PublishAsync("image", ImageBytes / Layers, Layers, isTar: true, cancellationToken);
        await using var straight = await DockerEngine.StartAsync(scene.Two, new DockerPlan { Mirror = scene.Upstream.Address, Below = context.Scratch }, cancellationToken);
        await using var mirrored = await DockerEngine.StartAsync(scene.Two, new DockerPlan { Mirror = PierNode.Mirror, Below = context.Scratch }, cancellationToken);
        var (direct, cold, peer) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round <= context.Rounds; round++)
        {
            var taken = (
                Direct: await PullAsync(straight, image, cancellationToken),
                Cold: await PullColdAsync(scene, mirrored, image, cancellationToken),
                Peer: await PullFromPeerAsync(scene, mirrored, image, cancellationToken));
            await Console.Error.WriteLineAsync(
                $"pull, {(round == 0 ? "warm-up" : $"round {round}")}: straight {taken.Direct:0.00} s, cold through Pier {taken.Cold:0.00} s, from a peer {taken.Peer:0.00} s");
            if (round > 0)
            {
                direct.Add(taken.Direct);
                cold.Add(taken.Cold);
                peer.Add(taken.Peer);
            }
        }
        return
        [
            new BenchRow(Name, "pull-cold", "ratio", Aim.Most(1.05), [.. cold.Zip(direct, (ours, theirs) => ours / theirs)], $"through Pier {Statistics.Median(cold):0.00} s, straight {Statistics.Median(direct):0.00} s"),
            new BenchRow(Name, "pull-peer", "ratio", Aim.Most(1.1), [.. peer.Zip(direct, (ours, theirs) => ours / theirs)], $"from a peer {Statistics.Median(peer):0.00} s, straight {Statistics.Median(direct):0.00} s"),
        ];
    }

    private static async Task<double> PullColdAsync(PullScene scene, DockerEngine engine, TestImage image, CancellationToken cancellationToken)
    {
        await using var node = await scene.StartNodeAsync(scene.Two, token: null, cancellationToken);
        return await PullAsync(engine, image, cancellationToken);
    }

    private static async Task<double> PullFromPeerAsync(PullScene scene, DockerEngine engine, TestImage image, CancellationToken cancellationToken)
    {
        await using var first = await scene.StartNodeAsync(scene.One, token: null, cancellationToken);
        var token = await first.FoundClusterAsync(cancellationToken);
        (await first.PierAsync(["pull", image.Name], cancellationToken)).OrThrow();
        await first.WaitUntilSeededAsync(image, cancellationToken);
        await using var second = await scene.StartNodeAsync(scene.Two, token, cancellationToken);
        await Eventually.TrueAsync(
            async () => (await second.MembersAsync(cancellationToken)).Count == 2, "the members to meet", TimeSpan.FromSeconds(60), cancellationToken);
        var before = await scene.Upstream.BytesSentAsync(cancellationToken);
        var taken = await PullAsync(engine, image, cancellationToken);
        var asked = await scene.Upstream.BytesSentAsync(cancellationToken) - before;
        return asked < ImageBytes / 100 ? taken : throw new InvalidOperationException($"The registry sent {asked} bytes of what the peer had.");
    }

    /// <summary>Pulls, and removes the image again.</summary>
    /// <returns>Seconds.</returns>
    private static async Task<double> PullAsync(DockerEngine engine, TestImage image, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        await engine.PullAsync(image.Name, cancellationToken);
        var taken = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        if (await engine.ImageIdAsync(image.Name, cancellationToken) is var id && id != image.ImageId)
        {
            throw new InvalidOperationException($"docker pulled {id} instead of {image.ImageId}.");
        }
        (await engine.DockerAsync(["image", "rm", image.Name], cancellationToken)).OrThrow();
        return taken;
    }
}
