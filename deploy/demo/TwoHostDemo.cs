using Pier.TestKit.Engines;
using Pier.TestKit.Images;
using Pier.TestKit.Network;
using Spectre.Console;

namespace Pier.Demo;

/// <summary>Pulls an image on one host, cuts the registry off, pulls the same tag on the other host, and runs it there.</summary>
internal sealed class TwoHostDemo
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    private readonly TestCluster _cluster;
    private readonly TestImage _image;

    private TwoHostDemo(TestCluster cluster)
    {
        _cluster = cluster;
        _image = cluster.Images.Debian;
    }

    internal static async Task RunAsync(CancellationToken cancellationToken)
    {
        Say("Making a multi-layer image of Debian packages (once per machine), a registry and two hosts in network namespaces…");
        await using var cluster = await TestCluster.StartAsync(nodes: 2, cancellationToken);
        await new TwoHostDemo(cluster).PullTwiceAsync(cancellationToken);
    }

    private static void Say(string text) => AnsiConsole.MarkupLineInterpolated($"[blue]•[/] {text}");

    private async Task PullTwiceAsync(CancellationToken cancellationToken)
    {
        var first = await _cluster.AddDockerAsync(_cluster.Nodes[0], cancellationToken);
        var second = await _cluster.AddDockerAsync(_cluster.Nodes[1], cancellationToken);
        Say($"Each host runs its own dockerd {await first.VersionAsync(cancellationToken)} with \"registry-mirrors\": [\"http://127.0.0.1:5055\"], and its own pierd.");
        Say($"Host 1: docker pull {_image.Name} ({_image.Layers.Count} layers, {Megabytes(_image.TotalBytes)})");
        var cold = await MeasureAsync("host 1, nobody has it yet", _cluster.Nodes[0], _cluster.Nodes[1], first, cancellationToken);

        Say("Cutting the registry off.");
        await _cluster.Upstream.CutAsync(CutStyle.Dropping, cancellationToken);
        Say($"Host 2: docker pull {_image.Name}");
        var fromPeer = await MeasureAsync("host 2, registry cut off", _cluster.Nodes[1], _cluster.Nodes[0], second, cancellationToken);

        if (await second.ImageIdAsync(_image.Name, cancellationToken) != await first.ImageIdAsync(_image.Name, cancellationToken))
        {
            throw new InvalidOperationException("The two hosts have different images.");
        }
        var greeting = await second.RunAsync(
            _image.Name, ["bash", "-c", ". /etc/os-release; echo \"Hello from $PRETTY_NAME, delivered by a peer.\""], cancellationToken);
        Say($"Host 2: docker run {_image.Name}");
        AnsiConsole.MarkupLineInterpolated($"  [green]{greeting.Trim()}[/]");
        AnsiConsole.Write(TableOf(cold, fromPeer));
        if (fromPeer.FromUpstream != 0)
        {
            throw new InvalidOperationException($"The registry sent {fromPeer.FromUpstream} bytes although it was cut off.");
        }
    }

    private async Task<PullMeasurement> MeasureAsync(string step, PierNode taker, PierNode giver, DockerEngine docker, CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        var (upstreamBefore, peersBefore) = await SentAsync(giver, cancellationToken);
        var start = clock.GetTimestamp();
        var pull = docker.PullAsync(_image.Name, cancellationToken);
        while (!pull.IsCompleted && !await HasAllAsync(taker, cancellationToken))
        {
            await Task.WhenAny(pull, Task.Delay(LookEvery, clock, cancellationToken));
        }
        var delivered = clock.GetElapsedTime(start);
        await pull;
        var duration = clock.GetElapsedTime(start);
        var (upstream, peers) = await SentAsync(giver, cancellationToken);
        return new PullMeasurement(step, delivered, duration, upstream - upstreamBefore, peers - peersBefore);
    }

    private async Task<bool> HasAllAsync(PierNode taker, CancellationToken cancellationToken)
    {
        var here = (await taker.StatusAsync(cancellationToken)).Fetches.Where(fetch => fetch.State == "sealed").Select(fetch => fetch.Digest).ToHashSet();
        return _image.Layers.All(layer => here.Contains(layer.Digest));
    }

    private async Task<(long Upstream, long Peers)> SentAsync(PierNode giver, CancellationToken cancellationToken)
    {
        var (swarm, members) = await giver.BytesGivenAsync(cancellationToken);
        return (await _cluster.Upstream.BytesSentAsync(cancellationToken), swarm + members);
    }

    private static Table TableOf(params ReadOnlySpan<PullMeasurement> rows)
    {
        var table = new Table().RoundedBorder().AddColumn("docker pull");
        table.AddColumn(new TableColumn("from upstream").RightAligned());
        table.AddColumn(new TableColumn("from peers").RightAligned());
        table.AddColumn(new TableColumn("all here after").RightAligned());
        table.AddColumn(new TableColumn("unpacked after").RightAligned());
        foreach (var row in rows)
        {
            table.AddRow(row.Step, Megabytes(row.FromUpstream), Megabytes(row.FromPeers), Seconds(row.Delivered), Seconds(row.Duration));
        }
        return table;
    }

    private static string Seconds(TimeSpan duration) => $"{duration.TotalSeconds:0.0} s";

    private static string Megabytes(long bytes) => bytes == 0 ? "0 B" : $"{bytes / 1e6:0.0} MB";
}
