using Pier.TestKit.Files;

namespace Pier.EndToEndTests.Engines;

/// <summary>BuildKit inside each Docker Engine: <c>FROM</c> through the node, and a cache that is kept in a repository of the node (<c>type=registry</c>).</summary>
[Collection(MatrixTests.Name)]
public sealed class BuildkitMatrixTests(MatrixScene scene)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("docker 28 containerd")]
    [InlineData("docker 28 classic", Traits = ["Run", "full"])]
    [InlineData("docker 20.10", Traits = ["Run", "full"])]
    public async Task Takes_FROM_through_the_node(string name)
    {
        await scene.StartAsync(Cancel);
        await using var engine = (DockerInMatrix)await MatrixEngine.StartAsync(name, scene, Cancel);
        var (image, _) = await scene.PublishAsync(Cancel);
        await using var context = TempFolder.Create("context");
        await File.WriteAllTextAsync(context.Below("Dockerfile"), string.Concat(engine.BuildRegistries.Select((registry, at) =>
            $"FROM {registry}/{image.Repository}:{image.Tag} AS s{at}\n")) + "FROM scratch\n" + string.Concat(engine.BuildRegistries.Select((_, at) => $"COPY --from=s{at} /data /data{at}\n")), Cancel);
        var output = context.Below("out");
        var sent = await scene.Upstream.BytesSentAsync(Cancel);

        (await engine.Docker.BuildAsync(["--output", $"type=local,dest={output}", context.Path], Cancel)).OrThrow();

        foreach (var at in Enumerable.Range(0, engine.BuildRegistries.Count))
        {
            new FileInfo(Path.Combine(output, $"data{at}")).Length.ShouldBe(1_000_000);
        }
        (await scene.Upstream.BytesSentAsync(Cancel) - sent).ShouldBeGreaterThan(image.Layers[0].Size, "the node had nothing before");
    }

    [Fact]
    public async Task Keeps_its_cache_in_the_node()
    {
        await scene.StartAsync(Cancel);
        await using var engine = (DockerInMatrix)await MatrixEngine.StartAsync("docker 28 containerd", scene, Cancel);
        var (image, _) = await scene.PublishAsync(Cancel);
        await using var context = TempFolder.Create("context");
        await File.WriteAllTextAsync(context.Below("own"), "own", Cancel);
        await File.WriteAllTextAsync(context.Below("Dockerfile"), $"FROM docker.io/{image.Repository}:{image.Tag}\nCOPY own /own\n", Cancel);
        const string cache = $"type=registry,ref={MatrixScene.Door}/local/cache:1";

        (await engine.Docker.BuildAsync(["--cache-to", cache + ",mode=max", context.Path], Cancel)).OrThrow();

        (await scene.PushedAsync("local/cache", "1", Cancel)).ShouldNotBeNull();
        (await engine.Docker.DockerAsync(["builder", "prune", "--all", "--force"], Cancel)).OrThrow();
        var cold = (await engine.Docker.BuildAsync([context.Path], Cancel)).OrThrow().Error;
        cold.ShouldNotContain("CACHED", Case.Sensitive, "or the next build proves nothing");
        (await engine.Docker.DockerAsync(["builder", "prune", "--all", "--force"], Cancel)).OrThrow();
        var warm = (await engine.Docker.BuildAsync(["--cache-from", cache, context.Path], Cancel)).OrThrow().Error;
        warm.ShouldContain("importing cache manifest from " + MatrixScene.Door, Case.Sensitive);
        warm.ShouldContain("CACHED", Case.Sensitive);
    }
}
