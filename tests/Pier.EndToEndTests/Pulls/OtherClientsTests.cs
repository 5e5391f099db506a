using Pier.TestKit.Engines;
using Pier.TestKit.Files;
using Pier.TestKit.Network;
using Pier.TestKit.Processes;

namespace Pier.EndToEndTests.Pulls;

/// <summary>Clients that ask differently than dockerd: ctr with hosts.toml and <c>?ns=</c>, and skopeo with the registry in the path.</summary>
public sealed class OtherClientsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Containerd_pulls_through_hosts_toml_from_the_upstream_and_then_from_a_peer()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 2, Cancel);
        var image = cluster.Images.Debian;
        var name = $"docker.io/{image.Repository}:{image.Tag}";
        await using (var containerd = await ContainerdEngine.StartAsync(cluster.Nodes[0].Host, "docker.io", PierNode.Mirror, Cancel))
        {
            await containerd.PullAsync(name, Cancel);
            (await containerd.ManifestDigestAsync(name, Cancel)).ShouldBe(image.ManifestDigest);
        }
        var sent = await cluster.Upstream.BytesSentAsync(Cancel);

        await cluster.Upstream.CutAsync(CutStyle.Refusing, Cancel);
        await using (var containerd = await ContainerdEngine.StartAsync(cluster.Nodes[1].Host, "docker.io", PierNode.Mirror, Cancel))
        {
            await containerd.PullAsync(name, Cancel);
            (await containerd.ManifestDigestAsync(name, Cancel)).ShouldBe(image.ManifestDigest);
            (await containerd.CtrAsync(["run", "--rm", name, "once", "bash", "-c", "echo ran"], Cancel)).OrThrow().Output.ShouldBe("ran\n");
        }
        (await cluster.Upstream.BytesSentAsync(Cancel)).ShouldBe(sent);
    }

    [Theory]
    [InlineData("")]
    [InlineData("docker.io/")]
    public async Task Skopeo_copies_every_byte_unchanged(string registry)
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 1, Cancel);
        await using var folder = TempFolder.Create("skopeo");
        var image = cluster.Images.Debian;

        var copy = await cluster.Nodes[0].Host.Namespace.RunAsync(
            RequiredTool.Path("skopeo", "apt-get install skopeo"),
            [
                "copy", "--insecure-policy", "--src-tls-verify=false",
                $"docker://127.0.0.1:5055/{registry}{image.Repository}:{image.Tag}", "dir:" + folder.Below("image"),
            ],
            Cancel);

        copy.OrThrow();
        Pier.TestKit.Images.ImagePublisher.DigestOf(await File.ReadAllBytesAsync(folder.Below("image", "manifest.json"), Cancel)).ShouldBe(image.ManifestDigest);
        foreach (var layer in image.Layers)
        {
            // skopeo names the files by digest and refuses to write one that does not match.
            new FileInfo(folder.Below("image", layer.Digest["sha256:".Length..])).Length.ShouldBe(layer.Size);
        }
    }
}
