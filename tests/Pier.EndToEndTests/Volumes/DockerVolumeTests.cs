using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Pier.TestKit;
using Pier.TestKit.Engines;
using Pier.TestKit.Files;

namespace Pier.EndToEndTests.Volumes;

/// <summary>A real dockerd and the volume driver <c>pier</c>: data of a seed in containers of another host, before it has arrived.</summary>
public sealed class DockerVolumeTests
{
    private const int Size = 40_000_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(20, false)]
    [InlineData(28, false, Traits = ["Run", "full"])]
    [InlineData(28, true, Traits = ["Run", "full"])]
    public async Task Two_containers_read_one_volume_that_outlives_the_daemon(int edition, bool containerdStore)
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 1, Cancel);
        await using var files = TempFolder.Create("volume-source");
        var (magnet, sums) = await SeedAsync(cluster.Nodes[0], files);
        await using var shared = await SharedFolder.CreateAsync(Cancel);
        var host = await cluster.Network.AddHostAsync("reader", Cancel);
        var token = await cluster.Nodes[0].FoundClusterAsync(Cancel);
        var plan = new PierNodePlan
        {
            DockerHub = cluster.Upstream.Address,
            Join = token.JoinAddress,
            Token = token.Token,
            State = shared.Below("state"),
            Flags = ["--volume-driver", shared.Below("driver.sock"), "--mounts-wait", "60s"],
        };
        await using var node = await PierNode.StartAsync(host, plan, Cancel);
        await using var docker = await DockerEngine.StartAsync(host, PlanOf(edition, containerdStore) with { Driver = ("pier", shared.Below("driver.sock")) }, Cancel);
        int.Parse((await DockerAsync("version", "--format", "{{.Server.Version}}")).Split('.')[0], CultureInfo.InvariantCulture).ShouldBeGreaterThanOrEqualTo(edition);
        var image = cluster.Images.Debian.Name;
        await docker.PullAsync(image, Cancel);

        (await DockerAsync("volume", "create", "-d", "pier", "-o", "source=" + magnet, "data")).ShouldBe("data");
        var refused = await docker.DockerAsync(["volume", "create", "-d", "pier", "-o", "source=" + magnet, "-o", "colour=red", "odd"], Cancel);
        refused.ExitCode.ShouldNotBe(0);
        refused.Error.ShouldContain("colour");

        // One container stays on the volume while another comes and goes, and pierd is killed in the middle of its reading.
        (await DockerAsync("volume", "create", "-d", "pier", "-o", "source=" + magnet, "-o", "limit=4m", "slow")).ShouldBe("slow");
        var staying = await DockerAsync("run", "-d", "--network", "none", "-v", "slow:/data:ro", image, "sh", "-c", "sha256sum /data/big > /tmp/sum; sleep 600");
        await Eventually.TrueAsync(async () => await PercentAsync("slow") > 5, "the container to have read some of it", TimeSpan.FromSeconds(60), Cancel);
        await node.KillAsync(Cancel);
        await node.RestartAsync(Cancel);
        await Eventually.TrueAsync(
            async () => (await DockerAsync("exec", staying, "cat", "/tmp/sum")).Split(' ')[0] == sums.Split(' ')[0], "the container to have read all of it", TimeSpan.FromSeconds(120), Cancel);
        (await DockerAsync("exec", staying, "sh", "-c", "cat /data/below/small")).ShouldBe("small");
        await DockerAsync("rm", "-f", staying);
        await RemoveAsync("slow");

        staying = await DockerAsync("run", "-d", "--network", "none", "-v", "data:/data:ro", image, "sleep", "600");
        (await SumsAsync()).ShouldBe(sums);
        (await DockerAsync("exec", staying, "sh", "-c", "cat /data/below/small")).ShouldBe("small");
        await Eventually.TrueAsync(
            async () =>
            {
                using var inspected = JsonDocument.Parse(await DockerAsync("volume", "inspect", "data"));
                var status = inspected.RootElement[0].GetProperty("Status");
                return status.GetProperty("PercentLocal").GetDouble() == 100 && status.GetProperty("Users").GetInt32() == 1;
            },
            "docker volume inspect to tell that all of it is here, for one container",
            TimeSpan.FromSeconds(20),
            Cancel);
        (await docker.DockerAsync(["volume", "rm", "data"], Cancel)).ExitCode.ShouldNotBe(0);
        (await docker.DockerAsync(["run", "--rm", "--network", "none", "-v", "data:/data", image, "touch", "/data/new"], Cancel)).ExitCode.ShouldNotBe(0);

        await node.KillAsync(Cancel);
        await node.RestartAsync(Cancel);
        (await SumsAsync()).ShouldBe(sums);
        (await DockerAsync("exec", staying, "sh", "-c", "cat /data/below/small")).ShouldBe("small", "its mount is the one of before");

        await DockerAsync("rm", "-f", staying);
        await RemoveAsync("data");

        // Two containers write over the same data; what they leave is published, and forgotten here.
        await DockerAsync("volume", "create", "-d", "pier", "-o", "source=" + magnet, "-o", "writable=true", "work");
        await DockerAsync("run", "--rm", "--network", "none", "-v", "work:/data", image, "sh", "-c", "rm /data/big; echo one > /data/one");
        await DockerAsync("run", "--rm", "--network", "none", "-v", "work:/data", image, "sh", "-c", "cat /data/one > /data/below/two");
        var committed = (await node.PierAsync(["volume", "commit", "work"], Cancel)).OrThrow().Output.Trim().Split('\n')[^1];
        await DockerAsync("volume", "create", "-d", "pier", "-o", "source=" + committed, "published");
        (await DockerAsync("run", "--rm", "--network", "none", "-v", "published:/data:ro", image, "sh", "-c", "cd /data && find . -type f | sort && cat below/two"))
            .ShouldBe("./below/small\n./below/two\n./one\none");
        (await node.PierAsync(["volume", "reset", "work"], Cancel)).OrThrow();
        (await DockerAsync("run", "--rm", "--network", "none", "-v", "work:/data", image, "ls", "/data")).ShouldBe("below\nbig");
        await RemoveAsync("published");
        await RemoveAsync("work");
        (await DockerAsync("volume", "ls", "-q")).ShouldBe("");

        async Task<string> DockerAsync(params string[] arguments) => (await docker.DockerAsync(arguments, Cancel)).OrThrow().Output.Trim();

        async Task<double> PercentAsync(string volume)
        {
            using var inspected = JsonDocument.Parse(await DockerAsync("volume", "inspect", volume));
            return inspected.RootElement[0].GetProperty("Status").TryGetProperty("PercentLocal", out var percent) ? percent.GetDouble() : 0;
        }

        async Task RemoveAsync(string volume) => await Eventually.TrueAsync(
            async () => (await docker.DockerAsync(["volume", "rm", volume], Cancel)).ExitCode == 0, "the volume goes once nobody uses it", TimeSpan.FromSeconds(30), Cancel);

        async Task<string> SumsAsync() => await DockerAsync(
            "run", "--rm", "--network", "none", "-v", "data:/data:ro", image, "sh", "-c", "cd /data && sha256sum big below/small");
    }

    private static DockerPlan PlanOf(int edition, bool containerdStore) => edition == 28
        ? new DockerPlan { Mirror = PierNode.Mirror, Programs = EnginePrograms.Newer, ContainerdStore = containerdStore }
        : new DockerPlan { Mirror = PierNode.Mirror };

    private static async Task<(string Magnet, string Sums)> SeedAsync(PierNode node, TempFolder files)
    {
        var source = files.MakeFolder("data");
        files.MakeFolder("data", "below");
        var big = RandomNumberGenerator.GetBytes(Size);
        await File.WriteAllBytesAsync(files.Below("data", "big"), big, Cancel);
        await File.WriteAllTextAsync(files.Below("data", "below", "small"), "small", Cancel);
        var seeding = (await node.PierAsync(["seed", source, "--torrent", files.Below("data.torrent"), "--json"], Cancel)).OrThrow().Output;
        using var document = JsonDocument.Parse(seeding.Trim().Split('\n')[^1]);
        var magnet = document.RootElement.GetProperty("seed").GetProperty("magnet").GetString()!;
        var sums = $"{Convert.ToHexStringLower(SHA256.HashData(big))}  big\n{Convert.ToHexStringLower(SHA256.HashData("small"u8))}  below/small";
        return (magnet, sums);
    }
}
