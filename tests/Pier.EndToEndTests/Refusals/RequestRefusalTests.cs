using System.Net;
using Pier.TestKit.Engines;
using Pier.TestKit.Images;
using Pier.TestKit.Network;

namespace Pier.EndToEndTests.Refusals;

/// <summary>What a running node does not do for whoever asks: the attack fails, and nothing leaves the host.</summary>
public sealed class RequestRefusalTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Foreign_hosts_metadata_addresses_and_unsafe_methods_are_refused()
    {
        await using var network = await TestNetwork.CreateAsync(Cancel);
        var images = await ImageCache.OpenAsync(Cancel);
        await using var upstream = await UpstreamRegistry.StartAsync(
            await network.AddHostAsync("upstream", Cancel), images.RegistryRoot, writable: false, Cancel);
        await using var node = await PierNode.StartAsync(
            await network.AddHostAsync("one", Cancel), new PierNodePlan { DockerHub = upstream.Address }, Cancel);

        foreach (var port in (int[])[5055, 5057])
        {
            (await SendAsync(node, HttpMethod.Get, $"http://127.0.0.1:{port}/v2/", "rebound.example.com")).ShouldBe(HttpStatusCode.MisdirectedRequest);
            (await SendAsync(node, HttpMethod.Get, $"http://127.0.0.1:{port}/v2/", $"10.0.0.1:{port}")).ShouldBe(HttpStatusCode.MisdirectedRequest);
        }
        (await SendAsync(node, HttpMethod.Get, "http://127.0.0.1:5055/v2/", "localhost:5055")).ShouldBe(HttpStatusCode.OK);

        foreach (var inside in (string[])["169.254.169.254", "169.254.169.254:80", "[fe80::1]", "metadata.google.internal", "[::ffff:169.254.169.254]"])
        {
            var address = $"http://127.0.0.1:5055/v2/library/pier-debian/manifests/1?ns={Uri.EscapeDataString(inside)}";
            (await SendAsync(node, HttpMethod.Get, address)).ShouldBeOneOf([HttpStatusCode.BadRequest, HttpStatusCode.Forbidden]);
        }

        foreach (var (method, path) in ((HttpMethod, string)[])
            [(HttpMethod.Delete, "/v1/blobs/" + images.Debian.ImageId), (HttpMethod.Post, "/v1/cluster/init"), (HttpMethod.Post, "/v1/images/pull"), (HttpMethod.Put, "/v1/pins?name=x")])
        {
            (await SendAsync(node, method, "http://127.0.0.1:5057" + path)).ShouldBeOneOf([HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden]);
        }

        (await upstream.BytesSentAsync(Cancel)).ShouldBe(0);
    }

    private static async Task<HttpStatusCode> SendAsync(PierNode node, HttpMethod method, string address, string? host = null)
    {
        using var request = new HttpRequestMessage(method, address);
        request.Headers.Host = host;
        using var answer = await node.Http.SendAsync(request, Cancel);
        return answer.StatusCode;
    }
}
