using System.Net;
using Pier.TestKit.Engines;
using Pier.TestKit.Images;
using Pier.TestKit.Network;

namespace Pier.EndToEndTests.Pulls;

/// <summary>The main job: a second host's Docker pulls by tag from the first host while the upstream is gone.</summary>
public sealed class TwoHostPullTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(CutStyle.Refusing)]
    [InlineData(CutStyle.Dropping)]
    public async Task Docker_pulls_by_tag_from_a_peer_with_the_upstream_cut(CutStyle style)
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 2, Cancel);
        var image = cluster.Images.Debian;
        var (first, second) = (cluster.Nodes[0], cluster.Nodes[1]);
        var firstDocker = await cluster.AddDockerAsync(first, Cancel);
        var secondDocker = await cluster.AddDockerAsync(second, Cancel);
        (await firstDocker.VersionAsync(Cancel)).ShouldStartWith("20.10.");

        await firstDocker.PullAsync(image.Name, Cancel);
        (await firstDocker.ImageIdAsync(image.Name, Cancel)).ShouldBe(image.ImageId);
        var sentBefore = await cluster.Upstream.BytesSentAsync(Cancel);
        ((double)sentBefore / image.TotalBytes).ShouldBeInRange(1.0, 1.05);

        await first.WaitUntilSeededAsync(image, Cancel);
        await cluster.Upstream.CutAsync(style, Cancel);
        (await TimeOfFirstManifestAsync(second, image.Repository, image.Tag, image.ManifestDigest)).ShouldBeLessThan(TimeSpan.FromSeconds(3));
        await secondDocker.PullAsync(image.Name, Cancel);

        (await cluster.Upstream.BytesSentAsync(Cancel)).ShouldBe(sentBefore);
        (await secondDocker.ImageIdAsync(image.Name, Cancel)).ShouldBe(image.ImageId);
        (await secondDocker.RunAsync(image.Name, ["bash", "-c", "echo ran on $(cat /etc/debian_version)"], Cancel)).ShouldStartWith("ran on ");
        await SwarmShare.IsAllLayersAsync(first, second, image, Cancel);
    }

    private static async Task<TimeSpan> TimeOfFirstManifestAsync(PierNode node, string repository, string tag, string digest)
    {
        var start = TimeProvider.System.GetTimestamp();
        using var request = new HttpRequestMessage(HttpMethod.Head, new Uri(PierNode.Mirror, $"/v2/{repository}/manifests/{tag}"));
        request.Headers.TryAddWithoutValidation("Accept", "application/vnd.docker.distribution.manifest.v2+json");
        using var answer = await node.Http.SendAsync(request, Cancel);
        var elapsed = TimeProvider.System.GetElapsedTime(start);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Headers.GetValues("Docker-Content-Digest").ShouldBe([digest]);
        answer.Headers.Contains("Warning").ShouldBeTrue("the answer is the last known one, and says so");
        return elapsed;
    }
}
