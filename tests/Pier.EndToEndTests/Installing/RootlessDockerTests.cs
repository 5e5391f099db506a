using System.Globalization;
using Pier.TestKit;
using Pier.TestKit.Engines;
using Pier.TestKit.Files;
using Pier.TestKit.Images;
using Pier.TestKit.Network;

namespace Pier.EndToEndTests.Installing;

/// <summary>A real dockerd that a user runs without root, in a network of its own: told of Pier by that user, and told to forget it.</summary>
public sealed class RootlessDockerTests
{
    private const string Original = "{ \"log-level\": \"info\" }";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_user_s_own_dockerd_pulls_through_a_reachable_address_and_the_user_takes_it_out_again()
    {
        await using var folder = TempFolder.Create("rootless-upstream");
        await using var network = await TestNetwork.CreateAsync(Cancel);
        var upstreamHost = await network.AddHostAsync("upstream", Cancel);
        await using var upstream = await UpstreamRegistry.StartAsync(upstreamHost, folder.MakeFolder("registry"), writable: true, Cancel);
        using var publisher = upstreamHost.Namespace.CreateHttpClient();
        var image = await SmallImage.PublishAsync(new ImagePublisher(publisher, upstream.Address), "library/small", seed: 6, Cancel);
        var host = await network.AddHostAsync("one", Cancel);
        await using var node = await PierNode.StartAsync(host, new PierNodePlan { DockerHub = upstream.Address, Flags = ["--registry", "0.0.0.0:5055"] }, Cancel);
        await using var docker = await RootlessDocker.CreateAsync(host, Original, Cancel);
        var address = string.Create(CultureInfo.InvariantCulture, $"http://{host.Address}:5055");

        (await docker.PierAsync(["install", "docker", "--rootless"], Cancel)).Error.ShouldContain("a network of its own");
        (await File.ReadAllTextAsync(docker.Configuration, Cancel)).ShouldBe(Original);
        await docker.StartAsync(Cancel);
        (await docker.PierAsync(["install", "docker", "--rootless", "--address", address], Cancel)).OrThrow().Error.ShouldContain("systemctl --user reload docker");
        docker.Reload();
        await Eventually.TrueAsync(async () => (await docker.MirrorsAsync(Cancel)).Contains(address, StringComparison.Ordinal), "the mirror to be known", Patience, Cancel);
        (await docker.DockerAsync(["info", "--format", "{{json .SecurityOptions}}"], Cancel)).OrThrow().Output.ShouldContain("rootless");
        (await docker.DockerAsync(["pull", "--quiet", image.Name], Cancel)).OrThrow();
        (await docker.DockerAsync(["image", "inspect", "--format", "{{.Id}}", image.Name], Cancel)).OrThrow().Output.Trim().ShouldBe(image.ImageId);
        (await node.StatusAsync(Cancel)).Storage.Blobs.ShouldBePositive("there is no other way to the registry");

        (await docker.PierAsync(["uninstall", "docker"], Cancel)).OrThrow().Error.ShouldContain("until it is started again");
        (await File.ReadAllTextAsync(docker.Configuration, Cancel)).ShouldBe(Original);
        Directory.EnumerateFiles(Path.Combine(docker.Home, ".config"), "*", SearchOption.AllDirectories).Select(Path.GetFileName)
            .ShouldBe(["daemon.json", "key.json"], ignoreOrder: true, "nothing but the engine's own");
    }
}
