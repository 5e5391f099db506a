namespace Pier.EndToEndTests.Engines;

/// <summary>Every engine pulls through the node, by each name that it sends to a mirror, and pushes to it; then it pulls back what it pushed.</summary>
[Collection(MatrixTests.Name)]
public sealed class EngineMatrixTests(MatrixScene scene)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("docker 28 containerd")]
    [InlineData("ctr 2.1")]
    [InlineData("docker 20.10", Traits = ["Run", "full"])]
    [InlineData("docker 28 classic", Traits = ["Run", "full"])]
    [InlineData("ctr 1.6", Traits = ["Run", "full"])]
    [InlineData("podman", Traits = ["Run", "full"])]
    [InlineData("buildah", Traits = ["Run", "full"])]
    public async Task Pulls_and_pushes(string name)
    {
        await scene.StartAsync(Cancel);
        await using var engine = await MatrixEngine.StartAsync(name, scene, Cancel);
        var version = await engine.VersionAsync(Cancel);
        engine.Is(version).ShouldBeTrue(version);
        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: {version}");
        var (image, list) = await scene.PublishAsync(Cancel);
        var sent = await scene.Upstream.BytesSentAsync(Cancel);

        foreach (var registry in engine.Registries)
        {
            (await engine.PullAsync($"{registry}/{image.Repository}:{image.Tag}", Cancel)).ShouldBe(engine.DigestOf(image, list), registry);
        }

        (await scene.Upstream.BytesSentAsync(Cancel) - sent).ShouldBeGreaterThan(image.Layers[0].Size, "the node had nothing before");
        var repository = "local/" + name.Replace(' ', '-');
        var target = $"{MatrixScene.Door}/{repository}:1";
        await engine.PushAsync($"docker.io/{image.Repository}:{image.Tag}", target, Cancel);
        (await scene.PushedAsync(repository, "1", Cancel)).ShouldNotBeNull();

        foreach (var registry in engine.Registries)
        {
            await engine.RemoveAsync($"{registry}/{image.Repository}:{image.Tag}", Cancel);
        }
        var pulled = await engine.PullAsync(target, Cancel);
        pulled.ShouldBeOneOf(engine.DigestOf(image, list), await scene.PushedAsync(repository, "1", Cancel));
    }
}
