using System.Security.Cryptography;
using Pier.TestKit;
using Pier.TestKit.Engines;
using Pier.TestKit.Files;
using Pier.TestKit.Images;
using Pier.TestKit.Network;

namespace Pier.EndToEndTests.Adopting;

/// <summary>What a real containerd pulled, before Pier came and after, is given to others without a copy.</summary>
public sealed class ContainerdContentTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Members_get_from_a_node_what_its_containerd_had_and_what_it_pulls_later()
    {
        await using var folder = TempFolder.Create("adopt");
        await using var network = await TestNetwork.CreateAsync(Cancel);
        var host = await network.AddHostAsync("upstream", Cancel);
        await using var upstream = await UpstreamRegistry.StartAsync(host, folder.MakeFolder("registry"), writable: true, Cancel);
        using var client = host.Namespace.CreateHttpClient();
        var publisher = new ImagePublisher(client, upstream.Address);
        var early = await SmallImage.PublishAsync(publisher, "library/early", seed: 1, Cancel);
        var late = await SmallImage.PublishAsync(publisher, "library/late", seed: 2, Cancel);

        // Straight from the upstream: Pier is not there yet.
        var one = await network.AddHostAsync("one", Cancel);
        await using var containerd = await ContainerdEngine.StartAsync(one, "docker.io", upstream.Address, Cancel);
        await containerd.PullAsync("docker.io/library/early:1", Cancel);

        var plan = new PierNodePlan { DockerHub = upstream.Address, Adopt = containerd.ContentStore };
        await using var first = await PierNode.StartAsync(one, plan, Cancel);
        var token = await first.FoundClusterAsync(Cancel);
        await using var second = await PierNode.StartAsync(
            await network.AddHostAsync("two", Cancel), new PierNodePlan { DockerHub = upstream.Address, Join = token.JoinAddress, Token = token.Token }, Cancel);
        await Eventually.TrueAsync(
            async () => (await second.MembersAsync(Cancel)).Count == 2, "the second to know the first", TimeSpan.FromSeconds(60), Cancel);

        await GetsWithoutUpstreamAsync(early, "library/early");
        await containerd.PullAsync("docker.io/library/late:1", Cancel);
        await GetsWithoutUpstreamAsync(late, "library/late");

        using (var refused = await first.Http.GetAsync(new Uri(PierNode.Mirror, $"/v2/library/stranger/blobs/{early.Layers.Single().Digest}"), Cancel))
        {
            refused.StatusCode.ShouldBe(System.Net.HttpStatusCode.Forbidden, "knowing a digest is not enough: this repository's upstream does not have it");
        }
        Copies(first, early).ShouldBe(0, "the first reads containerd's file and has none of its own");
        Copies(first, late).ShouldBe(0);
        Copies(second, early).ShouldBe(1);

        async Task GetsWithoutUpstreamAsync(TestImage image, string repository)
        {
            var layer = image.Layers.Single();
            await Eventually.TrueAsync(
                async () => await BytesBorrowedAsync(first) >= image.Layers.Sum(part => part.Size) * (image == late ? 2 : 1), "the first to have looked at containerd's content", TimeSpan.FromSeconds(60), Cancel);
            // That the repository has it is for the upstream to say, to each node for itself: containerd may hold what is not for everybody.
            using (var proved = await first.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, new Uri(PierNode.Mirror, $"/v2/{repository}/blobs/{layer.Digest}")), Cancel))
            {
                proved.StatusCode.ShouldBe(System.Net.HttpStatusCode.OK);
            }
            using (var known = await second.Http.GetAsync(new Uri(PierNode.Mirror, $"/v2/{repository}/manifests/1"), Cancel))
            {
                known.StatusCode.ShouldBe(System.Net.HttpStatusCode.OK);
            }
            await upstream.CutAsync(CutStyle.Refusing, Cancel);
            // Members tell each other what they hold every now and then.
            await Eventually.TrueAsync(
                async () => await DigestAsync(second, repository, layer.Digest) == layer.Digest, "the second to have the layer from the first", TimeSpan.FromSeconds(60), Cancel);
            await upstream.RestoreAsync(CutStyle.Refusing, Cancel);
        }
    }

    /// <summary>The digest of what a node gives for a blob; null while it has nothing to give.</summary>
    private static async Task<string?> DigestAsync(PierNode node, string repository, string digest)
    {
        using var answer = await node.Http.GetAsync(new Uri(PierNode.Mirror, $"/v2/{repository}/blobs/{digest}"), Cancel);
        return answer.IsSuccessStatusCode
            ? "sha256:" + Convert.ToHexStringLower(SHA256.HashData(await answer.Content.ReadAsByteArrayAsync(Cancel)))
            : null;
    }

    private static async Task<long> BytesBorrowedAsync(PierNode node)
    {
        const string name = "pier_store_borrowed_bytes ";
        var page = await node.Http.GetStringAsync(new Uri("http://127.0.0.1:5057/metrics"), Cancel);
        return long.Parse(page.Split('\n').Single(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static int Copies(PierNode node, TestImage image) =>
        Directory.EnumerateFiles(Path.Combine(node.State, "blobs"), image.Layers.Single().Digest["sha256:".Length..], SearchOption.AllDirectories).Count();
}
