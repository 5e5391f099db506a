using System.Security.Cryptography;
using Pier.TestKit;
using Pier.TestKit.Engines;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;

namespace Pier.EndToEndTests.Volumes;

/// <summary>Everything of a host dies at once, or only its engine: containers that are started again read and write their volumes, and nothing stale stays.</summary>
public sealed class RebootTests
{
    private const int Size = 8_000_000;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(20, false)]
    [InlineData(28, false, Traits = ["Run", "full"])]
    [InlineData(28, true, Traits = ["Run", "full"])]
    public async Task Volumes_come_back_with_the_containers_that_use_them(int edition, bool containerdStore)
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 1, Cancel);
        await using var files = TempFolder.Create("reboot");
        var content = RandomNumberGenerator.GetBytes(Size);
        await File.WriteAllBytesAsync(files.Below("data"), content, Cancel);
        var sum = Convert.ToHexStringLower(SHA256.HashData(content));
        var magnet = (await cluster.Nodes[0].PierAsync(["seed", files.Below("data"), "--torrent", "-"], Cancel)).OrThrow().Output.Split('\n')
            .First(line => line.StartsWith("magnet:", StringComparison.Ordinal));
        var token = await cluster.Nodes[0].FoundClusterAsync(Cancel);
        await using var shared = await SharedFolder.CreateAsync(Cancel);
        var host = await cluster.Network.AddHostAsync("reader", Cancel);
        await using var node = await PierNode.StartAsync(
            host,
            new PierNodePlan
            {
                DockerHub = cluster.Upstream.Address, Join = token.JoinAddress, Token = token.Token, State = shared.Below("state"),
                Flags = ["--volume-driver", shared.Below("driver.sock"), "--mounts-wait", "60s"],
            },
            Cancel);
        var plan = new DockerPlan { Mirror = PierNode.Mirror, Driver = ("pier", shared.Below("driver.sock")) };
        await using var docker = await DockerEngine.StartAsync(
            host, edition == 28 ? plan with { Programs = EnginePrograms.Newer, ContainerdStore = containerdStore } : plan, Cancel);
        var image = cluster.Images.Debian.Name;
        await docker.PullAsync(image, Cancel);
        await DockerAsync("volume", "create", "-d", "pier", "-o", "source=" + magnet, "data");
        await DockerAsync("volume", "create", "-d", "pier", "-o", "source=" + magnet, "-o", "writable=true", "work");
        string[] run = ["run", "-d", "--network", "none", "--stop-timeout", "1", "-v", "data:/data:ro", "-v", "work:/scratch"];
        var always = await DockerAsync([.. run, "--restart", "always", image, "sh", "-c", "echo started >> /scratch/starts; sleep 600"]);
        await DockerAsync([.. run, "--rm", image, "sleep", "600"]);
        await StartedAsync(1);
        await CheckAsync();

        // The engine alone, as when its package is upgraded.
        await docker.RestartAsync(Cancel);
        await StartedAsync(2);
        await CheckAsync();

        // The power fails.
        var keeper = StartedProcesses.Find((_, words) => words.Contains("mountd") && words.Contains(Path.Combine(node.State, "mounts.sock"))).ShouldHaveSingleItem();
        await docker.KillAsync(Cancel);
        await node.KillAsync(Cancel);
        StartedProcesses.Kill(keeper);
        await cluster.Nodes[0].KillAsync(Cancel);
        await node.RestartAsync(Cancel);
        await docker.StartAgainAsync(Cancel);
        await StartedAsync(3);
        await CheckAsync();

        await DockerAsync("rm", "-f", always);
        foreach (var volume in new[] { "data", "work" })
        {
            await Eventually.TrueAsync(
                async () => (await docker.DockerAsync(["volume", "rm", volume], Cancel)).ExitCode == 0, "nobody uses it, and nobody of before either", Deadline, Cancel);
        }

        MountTable.PointsBelow(Path.Combine(node.State, "volumes")).ShouldBeEmpty();

        async Task<string> DockerAsync(params string[] arguments) => (await docker.DockerAsync(arguments, Cancel)).OrThrow().Output.Trim();

        async Task StartedAsync(int times) => await Eventually.TrueAsync(
            async () => (await docker.DockerAsync(["exec", always, "sh", "-c", "wc -l < /scratch/starts"], Cancel)).Output.Trim() == $"{times}",
            $"the container to start for the {times}. time", Deadline, Cancel);

        async Task CheckAsync()
        {
            (await DockerAsync("exec", always, "sh", "-c", "cat /data/data | sha256sum; cat /scratch/data | sha256sum")).ShouldBe($"{sum}  -\n{sum}  -");
            (await DockerAsync("run", "--rm", "--network", "none", "-v", "data:/data:ro", image, "sha256sum", "/data/data")).ShouldBe($"{sum}  /data/data");
            var mounts = MountTable.PointsBelow(Path.Combine(node.State, "volumes"));
            mounts.ShouldBe(mounts.Distinct(), "no mount lies over a dead one");
            mounts.Count.ShouldBe(3, "the content of both, and what is written over one");
        }
    }
}
