using Pier.TestKit.Engines;
using Pier.TestKit.Files;
using Pier.TestKit.Images;
using Pier.TestKit.Network;
using Pier.TestKit.Processes;

namespace Pier.EndToEndTests.Pulls;

/// <summary>Clients that ask differently than dockerd: ctr with hosts.toml and <c>?ns=</c>, and skopeo with the registry in the path.</summary>
public sealed class OtherClientsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(CutStyle.Refusing)]
    [InlineData(CutStyle.Dropping)]
    public async Task Containerd_pulls_through_hosts_toml_from_the_upstream_and_then_from_a_peer(CutStyle style)
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 2, Cancel);
        var image = cluster.Images.Debian;
        var (first, second) = (cluster.Nodes[0], cluster.Nodes[1]);
        var name = $"docker.io/{image.Repository}:{image.Tag}";
        await using (var containerd = await ContainerdEngine.StartAsync(first.Host, "docker.io", PierNode.Mirror, Cancel))
        {
            await containerd.PullAsync(name, Cancel);
            (await containerd.ManifestDigestAsync(name, Cancel)).ShouldBe(image.ManifestDigest);
        }
        var sent = await cluster.Upstream.BytesSentAsync(Cancel);

        await first.WaitUntilSeededAsync(image, Cancel);
        await cluster.Upstream.CutAsync(style, Cancel);
        await using (var containerd = await ContainerdEngine.StartAsync(second.Host, "docker.io", PierNode.Mirror, Cancel))
        {
            await containerd.PullAsync(name, Cancel);
            (await containerd.ManifestDigestAsync(name, Cancel)).ShouldBe(image.ManifestDigest);
            (await containerd.CtrAsync(["run", "--rm", name, "once", "bash", "-c", "echo ran"], Cancel)).OrThrow().Output.ShouldBe("ran\n");
        }
        (await cluster.Upstream.BytesSentAsync(Cancel)).ShouldBe(sent);
        await SwarmShare.IsAllLayersAsync(first, second, image, Cancel);
    }

    [Theory]
    [InlineData("", CutStyle.Refusing)]
    [InlineData("docker.io/", CutStyle.Dropping)]
    public async Task Skopeo_copies_every_byte_unchanged_from_the_upstream_and_then_from_a_peer(string registry, CutStyle style)
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 2, Cancel);
        await using var folder = TempFolder.Create("skopeo");
        var image = cluster.Images.Debian;
        var (first, second) = (cluster.Nodes[0], cluster.Nodes[1]);
        await SkopeoAsync(first, registry, image, folder.Below("first"));
        var sent = await cluster.Upstream.BytesSentAsync(Cancel);

        await first.WaitUntilSeededAsync(image, Cancel);
        await cluster.Upstream.CutAsync(style, Cancel);
        await SkopeoAsync(second, registry, image, folder.Below("second"));

        (await cluster.Upstream.BytesSentAsync(Cancel)).ShouldBe(sent);
        await SwarmShare.IsAllLayersAsync(first, second, image, Cancel);
    }

    private static async Task SkopeoAsync(PierNode node, string registry, TestImage image, string target)
    {
        (await node.Host.Namespace.RunAsync(
            RequiredTool.Path("skopeo", "apt-get install skopeo"),
            [
                "copy", "--insecure-policy", "--src-tls-verify=false",
                $"docker://127.0.0.1:5055/{registry}{image.Repository}:{image.Tag}", "dir:" + target,
            ],
            Cancel)).OrThrow();
        ImagePublisher.DigestOf(await File.ReadAllBytesAsync(Path.Combine(target, "manifest.json"), Cancel)).ShouldBe(image.ManifestDigest);
        foreach (var layer in image.Layers)
        {
            // skopeo names the files by digest and refuses to write one that does not match.
            new FileInfo(Path.Combine(target, layer.Digest["sha256:".Length..])).Length.ShouldBe(layer.Size);
        }
    }
}
