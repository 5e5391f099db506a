using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Pier.TestKit.Engines;
using Pier.TestKit.Images;
using Pier.TestKit.Network;

namespace Pier.EndToEndTests.Faults;

/// <summary>An upstream that sends what it should not: the client never gets a whole wrong answer, and the node lives on.</summary>
public sealed class LyingUpstreamTests
{
    private const string Repository = "library/bad";

    private static readonly byte[] Honest = MakeBytes();

    private static readonly string Digest = ImagePublisher.DigestOf(Honest);

    /// <summary>How much of a digest a log line surely shows.</summary>
    private static readonly string DigestStart = Digest["sha256:".Length..][..12];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public Task A_wrong_digest_is_never_delivered_whole() => ExpectBrokenBlobAsync(async context =>
    {
        var wrong = Honest.ToArray();
        wrong[^1] ^= 1;
        context.Response.ContentLength = wrong.Length;
        await context.Response.Body.WriteAsync(wrong, context.RequestAborted);
    }, "docker.io sent does not match");

    [Fact]
    public Task A_truncated_body_is_never_delivered_as_whole() => ExpectBrokenBlobAsync(async context =>
    {
        context.Response.ContentLength = Honest.Length;
        await context.Response.Body.WriteAsync(Honest.AsMemory(0, Honest.Length / 2), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        context.Abort();
    }, "docker.io cannot deliver");

    [Fact]
    public Task A_body_longer_than_announced_is_never_delivered() => ExpectBrokenBlobAsync(async context =>
    {
        await context.Response.Body.WriteAsync(Honest, context.RequestAborted);
        await context.Response.Body.WriteAsync(Honest, context.RequestAborted);
    }, "docker.io cannot deliver");

    [Theory]
    [InlineData(5 << 20, 1, "4 MiB")]
    [InlineData(0, 5000, "nested")]
    public async Task A_manifest_beyond_the_bounds_is_refused(int padding, int depth, string reason)
    {
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"schemaVersion":2,"annotations":{"p":"{{new string('x', padding)}}"},"layers":[],"more":{{new string('[', depth)}}{{new string(']', depth)}}}""");
        var manifest = Encoding.UTF8.GetBytes(text);
        await ExpectRefusalAsync(
            async context =>
            {
                context.Response.ContentType = "application/vnd.docker.distribution.manifest.v2+json";
                context.Response.Headers["Docker-Content-Digest"] = ImagePublisher.DigestOf(manifest);
                context.Response.ContentLength = manifest.Length;
                if (!HttpMethods.IsHead(context.Request.Method))
                {
                    await context.Response.Body.WriteAsync(manifest, context.RequestAborted);
                }
            },
            $"/v2/{Repository}/manifests/{ImagePublisher.DigestOf(manifest)}",
            reason);
    }

    [Theory]
    [InlineData("manifests/latest")]
    [InlineData("blobs/sha256:0000000000000000000000000000000000000000000000000000000000000000")]
    public async Task An_upstream_that_asks_to_wait_is_never_passed_on_as_429(string path)
    {
        await using var network = await TestNetwork.CreateAsync(Cancel);
        await using var upstream = await FaultyUpstream.StartAsync(
            await network.AddHostAsync("upstream", Cancel),
            context =>
            {
                context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
                context.Response.Headers.RetryAfter = "1";
                return Task.CompletedTask;
            },
            Cancel);
        await using var node = await PierNode.StartAsync(
            await network.AddHostAsync("one", Cancel), new PierNodePlan { DockerHub = upstream.Address }, Cancel);

        using var answer = await node.Http.GetAsync(new Uri(PierNode.Mirror, $"/v2/{Repository}/{path}"), Cancel);

        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable, "containerd repeats a 429 on the same host without a pause");
    }

    private static byte[] MakeBytes()
    {
        var bytes = new byte[1 << 20];
        new Random(7).NextBytes(bytes);
        return bytes;
    }

    private static async Task ExpectBrokenBlobAsync(RequestDelegate answer, string cause)
    {
        await using var network = await TestNetwork.CreateAsync(Cancel);
        await using var upstream = await FaultyUpstream.StartAsync(
            await network.AddHostAsync("upstream", Cancel),
            context =>
            {
                if (!HttpMethods.IsHead(context.Request.Method))
                {
                    return answer(context);
                }
                context.Response.ContentLength = Honest.Length;
                return Task.CompletedTask;
            },
            Cancel);
        await using var node = await PierNode.StartAsync(
            await network.AddHostAsync("one", Cancel), new PierNodePlan { DockerHub = upstream.Address }, Cancel);

        (await DeliversWholeAsync(node)).ShouldBeFalse();

        (await node.StatusAsync(Cancel)).Storage.Blobs.ShouldBe(0);
        await node.Log.WaitForAsync([DigestStart, cause], Cancel);
    }

    /// <summary>True when the node answered 200 and a body without a break.</summary>
    private static async Task<bool> DeliversWholeAsync(PierNode node)
    {
        try
        {
            using var answer = await node.GetBlobAsync(Repository, Digest, Cancel);
            await answer.Content.CopyToAsync(Stream.Null, Cancel);
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
        catch (HttpIOException)
        {
            return false;
        }
    }

    private static async Task ExpectRefusalAsync(RequestDelegate answer, string path, string reason)
    {
        await using var network = await TestNetwork.CreateAsync(Cancel);
        await using var upstream = await FaultyUpstream.StartAsync(await network.AddHostAsync("upstream", Cancel), answer, Cancel);
        await using var node = await PierNode.StartAsync(
            await network.AddHostAsync("one", Cancel), new PierNodePlan { DockerHub = upstream.Address }, Cancel);

        using var refusal = await node.Http.GetAsync(new Uri(PierNode.Mirror, path), Cancel);

        var text = await refusal.Content.ReadAsStringAsync(Cancel);
        refusal.StatusCode.ShouldBe(HttpStatusCode.BadGateway, text);
        text.ShouldContain("MANIFEST_INVALID", Case.Sensitive);
        text.ShouldContain(reason, Case.Sensitive);
        (await node.StatusAsync(Cancel)).Storage.Blobs.ShouldBe(0);
    }
}
