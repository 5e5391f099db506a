using System.Net;
using System.Security.Cryptography;
using Pier.TestKit;
using Pier.TestKit.Engines;
using Pier.TestKit.Network;

namespace Pier.EndToEndTests.Streaming;

/// <summary>A cold layer of 200 MB streams while it arrives: its first byte comes within a twentieth of its time, wherever it comes from.</summary>
public sealed class FirstByteTests
{
    private const int Megabits = 100;
    private const double LargestShare = 0.05;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task From_the_upstream()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 1, Cancel);
        await cluster.Upstream.LimitAsync(Megabits, Cancel);

        var (first, whole) = await TimeAsync(cluster, cluster.Nodes[0]);

        (first / whole).ShouldBeLessThanOrEqualTo(LargestShare, $"first byte after {first}, all after {whole}");
    }

    [Fact]
    public async Task From_a_swarm()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 2, Cancel);
        await TimeAsync(cluster, cluster.Nodes[0]);
        await cluster.Nodes[0].WaitUntilSeededAsync(cluster.Images.Random, Cancel);
        await cluster.Upstream.CutAsync(CutStyle.Refusing, Cancel);
        await cluster.Nodes[0].Host.LimitSendingAsync(Megabits, Cancel);

        var (first, whole) = await TimeAsync(cluster, cluster.Nodes[1]);

        (first / whole).ShouldBeLessThanOrEqualTo(LargestShare, $"first byte after {first}, all after {whole}");
        (await cluster.Nodes[0].BytesGivenAsync(Cancel)).Swarm.ShouldBeGreaterThanOrEqualTo(cluster.Images.Random.Layers[0].Size);
    }

    [Fact]
    public async Task As_a_follower_of_a_host_that_still_downloads()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 2, Cancel);
        await cluster.Upstream.LimitAsync(Megabits, Cancel);
        var size = cluster.Images.Random.Layers[0].Size;
        var leader = TimeAsync(cluster, cluster.Nodes[0]);
        await Eventually.TrueAsync(
            async () => await cluster.Upstream.BytesSentSoFarAsync(Cancel) > size / 10,
            "the first host to be at work",
            TimeSpan.FromSeconds(30),
            Cancel);

        var (first, _) = await TimeAsync(cluster, cluster.Nodes[1]);

        var (_, whole) = await leader;
        (first / whole).ShouldBeLessThanOrEqualTo(LargestShare, $"the follower's first byte after {first}, the leader's last after {whole}");
        ((double)await cluster.Upstream.BytesSentAsync(Cancel) / size).ShouldBeLessThanOrEqualTo(1.05, "the layer crossed the upstream's line once");
    }

    [Fact]
    public async Task Open_ended_ranges_closed_after_a_chunk_cost_one_transfer_and_no_warning()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 1, Cancel);
        await cluster.Upstream.LimitAsync(4 * Megabits, Cancel);
        var (node, image) = (cluster.Nodes[0], cluster.Images.Random);
        var layer = image.Layers[0];

        // containerd's parallel fetch: `bytes=N-`, some of it read, the connection closed.
        foreach (var offset in new long[] { 0, 1 << 20, 8 << 20, 32 << 20 })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(PierNode.Mirror, $"/v2/{image.Repository}/blobs/{layer.Digest}"));
            request.Headers.TryAddWithoutValidation("Range", $"bytes={offset}-");
            using var answer = await node.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
            answer.StatusCode.ShouldBe(HttpStatusCode.PartialContent);
            answer.Content.Headers.ContentRange!.From.ShouldBe(offset);
            await using var body = await answer.Content.ReadAsStreamAsync(Cancel);
            await body.ReadExactlyAsync(new byte[100_000], Cancel);
        }
        await TimeAsync(cluster, node);

        ((double)await cluster.Upstream.BytesSentAsync(Cancel) / layer.Size).ShouldBeLessThanOrEqualTo(1.05);
        node.Log.Lines.Where(line => line.Contains(" warn ", StringComparison.Ordinal) || line.Contains(" fail ", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    /// <summary>Reads the layer from a node; returns the times of the first byte and of the last, and checks the bytes.</summary>
    private static async Task<(TimeSpan First, TimeSpan Whole)> TimeAsync(TestCluster cluster, PierNode node)
    {
        var image = cluster.Images.Random;
        var layer = image.Layers[0];
        // As engines do; a blob becomes public by the manifest that names it.
        await node.Http.GetByteArrayAsync(new Uri(PierNode.Mirror, $"/v2/{image.Repository}/manifests/{image.ManifestDigest}"), Cancel);
        var clock = TimeProvider.System;
        var start = clock.GetTimestamp();
        using var answer = await node.GetBlobAsync(image.Repository, layer.Digest, Cancel);
        await using var body = await answer.Content.ReadAsStreamAsync(Cancel);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 18];
        TimeSpan? first = null;
        for (int read; (read = await body.ReadAsync(buffer, Cancel)) > 0;)
        {
            first ??= clock.GetElapsedTime(start);
            hash.AppendData(buffer, 0, read);
        }
        ("sha256:" + Convert.ToHexStringLower(hash.GetHashAndReset())).ShouldBe(layer.Digest);
        return (first!.Value, clock.GetElapsedTime(start));
    }
}
