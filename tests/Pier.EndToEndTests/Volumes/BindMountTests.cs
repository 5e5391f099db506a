using System.Security.Cryptography;
using Pier.TestKit;
using Pier.TestKit.Engines;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;

namespace Pier.EndToEndTests.Volumes;

/// <summary><c>pier mount</c> in containers of engines that know no volume drivers: podman and containerd take the folder as a bind mount.</summary>
public sealed class BindMountTests
{
    private const int Size = 20_000_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Podman_and_containerd_read_what_another_host_has()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 1, Cancel);
        await using var files = TempFolder.Create("bind");
        var content = RandomNumberGenerator.GetBytes(Size);
        await File.WriteAllBytesAsync(files.Below("data"), content, Cancel);
        var magnet = (await cluster.Nodes[0].PierAsync(["seed", files.Below("data"), "--torrent", "-"], Cancel)).OrThrow().Output.Split('\n')
            .First(line => line.StartsWith("magnet:", StringComparison.Ordinal));
        var token = await cluster.Nodes[0].FoundClusterAsync(Cancel);
        await using var shared = await SharedFolder.CreateAsync(Cancel);
        var host = await cluster.Network.AddHostAsync("reader", Cancel);
        var plan = new PierNodePlan { DockerHub = cluster.Upstream.Address, Join = token.JoinAddress, Token = token.Token, State = shared.Below("state") };
        await using var node = await PierNode.StartAsync(host, plan, Cancel);
        var (mount, root) = (shared.Below("mnt"), files.MakeFolder("root"));
        Directory.CreateDirectory(mount);
        MakeRoot(root);
        (await node.PierAsync(["mount", magnet, mount], Cancel)).OrThrow();
        var sum = Convert.ToHexStringLower(SHA256.HashData(content)) + "  /data/data";

        // Its path is short: podman takes at most 50 characters. Limits as they are, for who may not raise them. By runc, since crun refuses
        // control groups of both versions at once, which is what some machines have.
        await using var store = TempFolder.Create("pod");
        (await host.Namespace.RunAsync(
            RequiredTool.Path("podman", "apt-get install podman"),
            [
                "--root", store.Below("s"), "--runroot", store.Below("r"), "--storage-driver", "vfs", "--cgroup-manager", "cgroupfs",
                "--runtime", RequiredTool.Path("runc", "apt-get install runc"), "run", "--rm", "--network", "none", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=4096:4096",
                "-v", $"{mount}:/data:ro", "--rootfs", root, "/bin/busybox", "sha256sum", "/data/data",
            ],
            Cancel)).OrThrow().Output.Trim().ShouldBe(sum);

        await using (var containerd = await ContainerdEngine.StartAsync(host, "docker.io", PierNode.Mirror, Cancel))
        {
            (await containerd.CtrAsync(
                ["run", "--rm", "--rootfs", "--mount", $"type=bind,src={mount},dst=/data,options=rbind:ro", root, "reader", "/bin/busybox", "sha256sum", "/data/data"],
                Cancel)).OrThrow().Output.Trim().ShouldBe(sum);
        }

        await Eventually.TrueAsync(async () => (await node.PierAsync(["umount", mount], Cancel)).ExitCode == 0, "nobody uses it", TimeSpan.FromSeconds(30), Cancel);
    }

    private static void MakeRoot(string root)
    {
        foreach (var folder in new[] { "bin", "data", "proc", "sys", "dev", "etc", "tmp", "run" })
        {
            Directory.CreateDirectory(Path.Combine(root, folder));
        }

        File.Copy(RequiredTool.Path("busybox", "apt-get install busybox-static"), Path.Combine(root, "bin", "busybox"));
    }
}
