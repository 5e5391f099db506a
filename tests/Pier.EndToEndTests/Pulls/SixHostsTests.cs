using Pier.TestKit;
using Pier.TestKit.Engines;
using Pier.TestKit.Images;
using Pier.TestKit.Processes;

namespace Pier.EndToEndTests.Pulls;

/// <summary>Six hosts pull the same image at the same moment over an upstream of 100 Mbit/s, and it crosses that line about once.</summary>
public sealed class SixHostsTests
{
    private const int Hosts = 6;
    private const int Megabits = 100;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_image_leaves_the_upstream_once_and_all_hosts_are_done_at_about_the_same_time()
    {
        await using var cluster = await TestCluster.StartAsync(Hosts, Cancel);
        await cluster.Upstream.LimitAsync(Megabits, Cancel);
        var image = cluster.Images.Debian;
        var engines = await EnginesAsync(cluster);

        var times = await Task.WhenAll(engines.Select(engine => PullAsync(engine, image)));

        var sent = await cluster.Upstream.BytesSentAsync(Cancel);
        ((double)sent / image.TotalBytes).ShouldBeLessThanOrEqualTo(1.05, Report(times));
        (times.Max() / times.Min()).ShouldBeLessThanOrEqualTo(1.3, Report(times));
    }

    [Fact]
    public async Task When_the_turn_holder_dies_at_half_the_others_go_on_from_what_is_there()
    {
        await using var cluster = await TestCluster.StartAsync(Hosts, Cancel);
        await cluster.Upstream.LimitAsync(Megabits, Cancel);
        var image = cluster.Images.Debian;
        var engines = await EnginesAsync(cluster);
        var pulls = engines.Select(engine => PullAsync(engine, image)).ToArray();

        await Eventually.TrueAsync(
            async () => await cluster.Upstream.BytesSentSoFarAsync(Cancel) > image.TotalBytes / 2,
            "half of the image to have left the upstream",
            TimeSpan.FromMinutes(1),
            Cancel);
        var victim = await BusiestAsync(cluster);
        await cluster.Nodes[victim].Host.UnplugAsync(Cancel);
        await cluster.Nodes[victim].KillAsync(Cancel);
        await engines[victim].DisposeAsync();

        await Task.WhenAll(pulls.Where((_, index) => index != victim));
        foreach (var (index, engine) in engines.Index().Where(entry => entry.Index != victim))
        {
            (await engine.ImageIdAsync(image.Name, Cancel)).ShouldBe(image.ImageId, $"on host {index + 1}");
        }
        var sent = await cluster.Upstream.BytesSentSoFarAsync(Cancel);
        ((double)sent / image.TotalBytes).ShouldBeLessThanOrEqualTo(1.5);
        await Should.ThrowAsync<CommandFailedException>(() => pulls[victim]);
    }

    private static async Task<DockerEngine[]> EnginesAsync(TestCluster cluster)
    {
        var engines = new List<DockerEngine>();
        foreach (var node in cluster.Nodes)
        {
            engines.Add(await cluster.AddDockerAsync(node, Cancel));
        }
        return [.. engines];
    }

    /// <summary>The node that took the most from the upstream, hence holds a turn.</summary>
    private static async Task<int> BusiestAsync(TestCluster cluster)
    {
        var taken = await Task.WhenAll(cluster.Nodes.Select(async node => (await node.StatusAsync(Cancel)).Transfers.Received.Upstream));
        return taken.Index().MaxBy(entry => entry.Item).Index;
    }

    private static async Task<TimeSpan> PullAsync(DockerEngine engine, TestImage image)
    {
        var start = TimeProvider.System.GetTimestamp();
        await engine.PullAsync(image.Name, Cancel);
        return TimeProvider.System.GetElapsedTime(start);
    }

    private static string Report(IEnumerable<TimeSpan> times) => "pulls took " + string.Join(", ", times.Select(time => $"{time.TotalSeconds:0.0} s"));
}
