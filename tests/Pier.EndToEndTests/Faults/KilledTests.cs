using System.Net;
using System.Security.Cryptography;
using Pier.TestKit;
using Pier.TestKit.Engines;
using Pier.TestKit.Images;

namespace Pier.EndToEndTests.Faults;

/// <summary>Hosts and processes that die while bytes move: the pull ends well, and nothing bad is ever served.</summary>
public sealed class KilledTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task When_the_first_host_dies_in_mid_transfer_the_second_finishes_from_the_upstream()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 2, Cancel);
        var image = cluster.Images.Debian;
        var (first, second) = (cluster.Nodes[0], cluster.Nodes[1]);
        await (await cluster.AddDockerAsync(first, Cancel)).PullAsync(image.Name, Cancel);
        await first.WaitUntilSeededAsync(image, Cancel);
        var docker = await cluster.AddDockerAsync(second, Cancel);
        await first.Host.LimitSendingAsync(100, Cancel);

        var pull = docker.PullAsync(image.Name, Cancel);
        await Eventually.TrueAsync(
            async () => (await first.BytesGivenAsync(Cancel)).Swarm > image.TotalBytes / 4,
            "a quarter of the image to have come from the first host",
            TimeSpan.FromSeconds(60),
            Cancel);
        await first.Host.UnplugAsync(Cancel);
        await first.KillAsync(Cancel);
        await pull;

        (await docker.ImageIdAsync(image.Name, Cancel)).ShouldBe(image.ImageId);
    }

    [Fact]
    public async Task A_killed_daemon_goes_on_where_it_was_and_keeps_what_it_sealed()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 1, Cancel);
        await cluster.Upstream.LimitAsync(400, Cancel);
        var (node, image) = (cluster.Nodes[0], cluster.Images.Debian);
        var small = image.Layers.MinBy(layer => layer.Size)!;
        await ReadAllAsync(node, image.Repository, small);
        var sealedFiles = SealedFiles(node);
        sealedFiles.ShouldNotBeEmpty();
        var big = cluster.Images.Random.Layers[0];
        var sentBefore = await cluster.Upstream.BytesSentAsync(Cancel);

        using var answer = await node.GetBlobAsync(cluster.Images.Random.Repository, big.Digest, Cancel);
        await using var body = await answer.Content.ReadAsStreamAsync(Cancel);
        var received = new MemoryStream();
        await CopyAsync(body, received, big.Size / 2);
        await node.KillAsync(Cancel);
        await node.RestartAsync(Cancel);

        SealedFiles(node).ShouldBe(sealedFiles, "nothing sealed is lost");
        await CheckRestAsync(node, cluster.Images.Random.Repository, big, received);
        await ReadAllAsync(node, image.Repository, small);
        var sent = await cluster.Upstream.BytesSentAsync(Cancel) - sentBefore;
        ((double)sent / big.Size).ShouldBeLessThan(1.25, "what was on disk is not fetched again");
        await CheckFilesAsync(node);
    }

    [Fact]
    public async Task An_engine_whose_daemon_is_killed_in_mid_pull_gets_the_image_without_sending_it_twice()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 1, Cancel);
        await cluster.Upstream.LimitAsync(100, Cancel);
        var (node, image) = (cluster.Nodes[0], cluster.Images.Debian);
        var docker = await cluster.AddDockerAsync(node, Cancel);

        var pull = docker.DockerAsync(["pull", "--quiet", image.Name], Cancel);
        await Eventually.TrueAsync(
            async () => await cluster.Upstream.BytesSentSoFarAsync(Cancel) > image.TotalBytes / 2,
            "half of the image to have left the upstream",
            TimeSpan.FromMinutes(1),
            Cancel);
        await node.KillAsync(Cancel);
        var sealedFiles = SealedFiles(node);
        await node.RestartAsync(Cancel);
        if ((await pull).ExitCode != 0)
        {
            // dockerd gives a pull up when its mirror refuses connections for too long; its user tries again.
            await docker.PullAsync(image.Name, Cancel);
        }

        (await docker.ImageIdAsync(image.Name, Cancel)).ShouldBe(image.ImageId);
        sealedFiles.Except(SealedFiles(node)).ShouldBeEmpty("nothing sealed is lost");
        var sent = await cluster.Upstream.BytesSentAsync(Cancel);
        ((double)sent / image.TotalBytes).ShouldBeLessThan(1.25, "what was on disk is not fetched again");
        await CheckFilesAsync(node);
    }

    /// <summary>Asks for the rest as an engine does, with an open range, and checks the whole against the digest.</summary>
    private static async Task CheckRestAsync(PierNode node, string repository, TestLayer layer, MemoryStream received)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(PierNode.Mirror, $"/v2/{repository}/blobs/{layer.Digest}"));
        request.Headers.TryAddWithoutValidation("Range", $"bytes={received.Length}-");
        using var answer = await node.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        answer.StatusCode.ShouldBe(HttpStatusCode.PartialContent);
        answer.Content.Headers.ContentRange!.From.ShouldBe(received.Length);
        await answer.Content.CopyToAsync(received, Cancel);
        ImagePublisher.DigestOf(received.GetBuffer().AsSpan(0, (int)received.Length)).ShouldBe(layer.Digest);
    }

    private static async Task CopyAsync(Stream body, MemoryStream target, long bytes)
    {
        var buffer = new byte[1 << 16];
        while (target.Length < bytes)
        {
            var read = await body.ReadAsync(buffer, Cancel);
            read.ShouldBeGreaterThan(0);
            target.Write(buffer, 0, read);
        }
    }

    private static async Task ReadAllAsync(PierNode node, string repository, TestLayer layer)
    {
        using var answer = await node.GetBlobAsync(repository, layer.Digest, Cancel);
        await using var body = await answer.Content.ReadAsStreamAsync(Cancel);
        var digest = "sha256:" + Convert.ToHexStringLower(await SHA256.HashDataAsync(body, Cancel));
        digest.ShouldBe(layer.Digest);
        await Eventually.TrueAsync(
            () => SealedFiles(node).Any(file => layer.Digest.EndsWith(Path.GetFileName(file), StringComparison.Ordinal)),
            "the blob to be sealed",
            TimeSpan.FromSeconds(10),
            Cancel);
    }

    private static string[] SealedFiles(PierNode node) => Directory.Exists(Path.Combine(node.State, "blobs"))
        ? [.. Directory.GetFiles(Path.Combine(node.State, "blobs", "sha256"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>Every file under its digest's name has that digest.</summary>
    private static async Task CheckFilesAsync(PierNode node)
    {
        foreach (var file in SealedFiles(node))
        {
            await using var bytes = File.OpenRead(file);
            Convert.ToHexStringLower(await SHA256.HashDataAsync(bytes, Cancel)).ShouldBe(Path.GetFileName(file));
        }
    }
}
