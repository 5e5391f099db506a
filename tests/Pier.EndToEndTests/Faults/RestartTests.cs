using Pier.TestKit;
using Pier.TestKit.Engines;
using Pier.TestKit.Network;

namespace Pier.EndToEndTests.Faults;

/// <summary>Stopping in good order, coming back with everything, and noticing that somebody does not come back.</summary>
public sealed class RestartTests
{
    /// <summary>A node takes some 4 s where it has the time; one that waited for its transfers would take 30 s.</summary>
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(20);

    /// <summary>A dead member is noticed in 15 s; the rest is for the poll itself.</summary>
    private static readonly TimeSpan DeathDeadline = TimeSpan.FromSeconds(16);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_node_stops_in_mid_transfer()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 1, Cancel);
        await cluster.Upstream.LimitAsync(100, Cancel);
        var (node, image) = (cluster.Nodes[0], cluster.Images.Random);
        using var answer = await node.GetBlobAsync(image.Repository, image.Layers[0].Digest, Cancel);

        (await node.StopAsync(StopDeadline, Cancel)).ShouldBe(0);
    }

    [Fact]
    public async Task After_a_restart_everything_is_seeded_again()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 2, Cancel);
        var image = cluster.Images.Debian;
        var (first, second) = (cluster.Nodes[0], cluster.Nodes[1]);
        await (await cluster.AddDockerAsync(first, Cancel)).PullAsync(image.Name, Cancel);
        await cluster.Upstream.CutAsync(CutStyle.Refusing, Cancel);

        (await first.StopAsync(StopDeadline, Cancel)).ShouldBe(0);
        await first.RestartAsync(Cancel);
        await ExpectMemberAsync(second, first, alive: true);
        await first.WaitUntilSeededAsync(image, Cancel);
        var docker = await cluster.AddDockerAsync(second, Cancel);
        await docker.PullAsync(image.Name, Cancel);

        (await docker.ImageIdAsync(image.Name, Cancel)).ShouldBe(image.ImageId);
        (await first.BytesGivenAsync(Cancel)).Swarm.ShouldBeGreaterThanOrEqualTo(image.Layers.Sum(layer => layer.Size), "layers travel by BitTorrent");
    }

    [Fact]
    public async Task A_member_that_dies_is_noticed_in_fifteen_seconds()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 3, Cancel);
        await ExpectMemberAsync(cluster.Nodes[0], cluster.Nodes[2], alive: true);
        await ExpectMemberAsync(cluster.Nodes[1], cluster.Nodes[2], alive: true);

        await cluster.Nodes[2].Host.UnplugAsync(Cancel);

        await Task.WhenAll(
            ExpectMemberAsync(cluster.Nodes[0], cluster.Nodes[2], alive: false),
            ExpectMemberAsync(cluster.Nodes[1], cluster.Nodes[2], alive: false));
    }

    private static Task ExpectMemberAsync(PierNode observer, PierNode member, bool alive) => Eventually.TrueAsync(
        async () => (await observer.MembersAsync(Cancel)).Any(
            seen => seen.Alive == alive && seen.Address.StartsWith(member.Host.Address.ToString(), StringComparison.Ordinal)),
        $"{observer.Host.Name} to see {member.Host.Name} {(alive ? "alive" : "dead")}",
        DeathDeadline,
        Cancel);
}
