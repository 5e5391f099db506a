using System.Text.Json;
using Pier.TestKit;
using Pier.TestKit.Engines;
using Pier.TestKit.Files;

namespace Pier.EndToEndTests.Builds;

/// <summary>An engine that has no image pier/frontend gets it from the node that is its registry mirror, by name and by digest; nobody else is asked for it.</summary>
public abstract class ShippedFrontendSuite(DockerPlan plan)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_mirror_has_the_frontend()
    {
        var frontend = await FrontendImage.MakeAsync(Cancel);
        await using var folder = TempFolder.Create("shipped");
        await using var cluster = await TestCluster.StartAsync(nodes: 1, new Dictionary<string, object>(StringComparer.Ordinal) { ["frontend"] = frontend.Program }, Cancel);
        var node = cluster.Nodes[0];
        var docker = await cluster.AddDockerAsync(node, plan with { Mirror = PierNode.Mirror }, Cancel);
        await Eventually.TrueAsync(
            async () => (await node.PierAsync(["images"], Cancel)).Output.Contains($"{FrontendImage.Name}:latest", StringComparison.Ordinal), "the registry to have the image", TimeSpan.FromSeconds(60), Cancel);
        using var images = JsonDocument.Parse((await node.PierAsync(["images", "--json"], Cancel)).OrThrow().Output);
        var digest = images.RootElement.GetProperty("images")[0].GetProperty("digest").GetString();
        await File.WriteAllTextAsync(folder.Below("data"), "data", Cancel);
        using var seeded = JsonDocument.Parse((await node.PierAsync(["seed", folder.Below("data"), "--torrent", "-", "--json"], Cancel)).OrThrow().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]);
        var magnet = seeded.RootElement.GetProperty("seed").GetProperty("magnet").GetString();

        foreach (var name in (string[])[FrontendImage.Name, $"{FrontendImage.Name}@{digest}"])
        {
            var context = folder.MakeFolder(Path.GetRandomFileName());
            await File.WriteAllTextAsync(Path.Combine(context, "Dockerfile"), $"# syntax={name}\nFROM scratch\nPIER --serve {magnet} /data\n", Cancel);
            var output = folder.Below(Path.GetRandomFileName());
            (await docker.BuildAsync(["--output", $"type=tar,dest={output}", context], Cancel)).OrThrow();

            var files = await BuildSetting.ReadAsync(output, Cancel);
            files["data"].Text.ShouldBe("data", name);
            files.Keys.ShouldContain("usr/bin/pierdat", name);
        }

        cluster.Upstream.Log.Contains(FrontendImage.Name).ShouldBeFalse(cluster.Upstream.Log.Tail(50));
        (await docker.DockerAsync(["images", "--quiet", FrontendImage.Name], Cancel)).OrThrow().Output.Trim().ShouldBeEmpty();
    }
}

/// <summary>By Docker 20.10.</summary>
public sealed class ShippedFrontendTests() : ShippedFrontendSuite(new DockerPlan());

/// <summary>By Docker 28, classic store.</summary>
[Trait("Run", "full")]
public sealed class ShippedFrontendOnClassicTests() : ShippedFrontendSuite(new DockerPlan { Programs = EnginePrograms.Newer, ContainerdStore = false });

/// <summary>By Docker 28, containerd's store.</summary>
[Trait("Run", "full")]
public sealed class ShippedFrontendOnContainerdTests() : ShippedFrontendSuite(new DockerPlan { Programs = EnginePrograms.Newer, ContainerdStore = true });
