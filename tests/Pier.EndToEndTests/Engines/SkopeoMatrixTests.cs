using Pier.TestKit.Images;
using Pier.TestKit.Processes;

namespace Pier.EndToEndTests.Engines;

/// <summary>skopeo, which keeps no images: copy, inspect and sync, from names of public registries to the node.</summary>
[Collection(MatrixTests.Name)]
public sealed class SkopeoMatrixTests(MatrixScene scene)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Run", "full")]
    public async Task Copies_inspects_and_syncs()
    {
        await scene.StartAsync(Cancel);
        var registries = await scene.WriteRegistriesAsync(Cancel);
        var (image, list) = await scene.PublishAsync(Cancel);

        foreach (var registry in MatrixScene.Registries)
        {
            var name = $"docker://{registry}/{image.Repository}:{image.Tag}";
            // Tags are never asked of mirrors by containers/image.
            MatrixScene.Text(await RunAsync("inspect", "--no-tags", name), "Digest").ShouldBe(list, registry);
            MatrixScene.Text(await RunAsync("inspect", $"docker://{MatrixScene.Door}/{registry}/{image.Repository}:{image.Tag}"), "Digest").ShouldBe(list, registry);
            var folder = scene.MakeFolder();
            await RunAsync("copy", name, "dir:" + folder);
            ImagePublisher.DigestOf(await File.ReadAllBytesAsync(Path.Combine(folder, "manifest.json"), Cancel)).ShouldBe(image.ManifestDigest, registry);
            await RunAsync("copy", "--all", name, $"docker://{MatrixScene.Door}/local/copied-{registry}:1");
            (await scene.PushedAsync($"local/copied-{registry}", "1", Cancel)).ShouldBe(list, registry);
        }

        await RunAsync("sync", "--all", "--src", "docker", "--dest", "docker", $"{MatrixScene.Door}/quay.io/{image.Repository}", $"{MatrixScene.Door}/local/synced");
        var synced = $"local/synced/{image.Repository.Split('/')[^1]}";
        foreach (var tag in (string[])[image.Tag, image.Tag + "-amd64", image.Tag + "-arm64"])
        {
            (await scene.PushedAsync(synced, tag, Cancel)).ShouldNotBeNull(tag);
        }
        (await scene.PushedAsync(synced, image.Tag, Cancel)).ShouldBe(list);

        async Task<string> RunAsync(params string[] words) => (await scene.Node.Host.Namespace.RunAsync(
            RequiredTool.Path("skopeo", "apt-get install skopeo"), ["--registries-conf", registries, "--insecure-policy", .. words], Cancel)).OrThrow().Output.Trim();
    }
}
