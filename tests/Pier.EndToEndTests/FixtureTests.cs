using Microsoft.AspNetCore.Http;
using Pier.TestKit;
using Pier.TestKit.Engines;
using Pier.TestKit.Files;
using Pier.TestKit.Images;
using Pier.TestKit.Network;
using Pier.TestKit.Processes;

namespace Pier.EndToEndTests;

/// <summary>The fixtures themselves, without Pier: a real engine, a real upstream and a network that can be cut.</summary>
public sealed class FixtureTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_real_dockerd_pulls_the_test_image_from_the_upstream_as_mirror_and_runs_it()
    {
        var images = await ImageCache.OpenAsync(Cancel);
        images.Debian.Layers.Count.ShouldBeGreaterThanOrEqualTo(4);
        images.Debian.TotalBytes.ShouldBeGreaterThan(100_000_000);
        await using var network = await TestNetwork.CreateAsync(Cancel);
        await using var upstream = await UpstreamRegistry.StartAsync(await network.AddHostAsync("upstream", Cancel), images.RegistryRoot, writable: false, Cancel);
        await using var docker = await DockerEngine.StartAsync(await network.AddHostAsync("one", Cancel), upstream.Address, Cancel);

        await docker.PullAsync(images.Debian.Name, Cancel);

        (await docker.ImageIdAsync(images.Debian.Name, Cancel)).ShouldBe(images.Debian.ImageId);
        (await docker.RunAsync(images.Debian.Name, ["bash", "-c", "echo from $(. /etc/os-release; echo $ID)"], Cancel)).ShouldBe("from debian\n");
        var sent = await upstream.BytesSentAsync(Cancel);
        ((double)sent / images.Debian.TotalBytes).ShouldBeInRange(1.0, 1.02);
    }

    [Fact]
    public async Task A_real_containerd_follows_hosts_toml_and_runs_the_test_image()
    {
        var images = await ImageCache.OpenAsync(Cancel);
        var name = $"docker.io/{images.Debian.Repository}:{images.Debian.Tag}";
        await using var network = await TestNetwork.CreateAsync(Cancel);
        await using var upstream = await UpstreamRegistry.StartAsync(await network.AddHostAsync("upstream", Cancel), images.RegistryRoot, writable: false, Cancel);
        await using var containerd = await ContainerdEngine.StartAsync(await network.AddHostAsync("one", Cancel), "docker.io", upstream.Address, Cancel);

        await containerd.PullAsync(name, Cancel);

        (await containerd.ManifestDigestAsync(name, Cancel)).ShouldBe(images.Debian.ManifestDigest);
        (await containerd.CtrAsync(["run", "--rm", name, "once", "bash", "-c", "echo ran"], Cancel)).OrThrow().Output.ShouldBe("ran\n");
        await upstream.Log.WaitForAsync(["ns=docker.io"], Cancel);
    }

    [Theory]
    [InlineData(CutStyle.Refusing)]
    [InlineData(CutStyle.Dropping)]
    public async Task A_cut_upstream_sends_nothing_until_it_is_restored(CutStyle style)
    {
        var images = await ImageCache.OpenAsync(Cancel);
        await using var network = await TestNetwork.CreateAsync(Cancel);
        await using var upstream = await UpstreamRegistry.StartAsync(await network.AddHostAsync("upstream", Cancel), images.RegistryRoot, writable: false, Cancel);
        var host = await network.AddHostAsync("one", Cancel);
        using var client = host.Namespace.CreateHttpClient();
        client.Timeout = TimeSpan.FromSeconds(2);

        await upstream.CutAsync(style, Cancel);
        var failure = await Should.ThrowAsync<Exception>(() => client.GetAsync(upstream.Address, Cancel));
        (failure is HttpRequestException).ShouldBe(style == CutStyle.Refusing);
        (await upstream.BytesSentAsync(Cancel)).ShouldBe(0);

        await upstream.RestoreAsync(style, Cancel);
        (await client.GetStringAsync(new Uri(upstream.Address, "/v2/"), Cancel)).ShouldBe("{}");
        (await upstream.BytesSentAsync(Cancel)).ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData(CutStyle.Refusing)]
    [InlineData(CutStyle.Dropping)]
    public async Task What_is_sent_again_before_it_is_acknowledged_is_no_answer_after_the_cut(CutStyle style)
    {
        var images = await ImageCache.OpenAsync(Cancel);
        await using var network = await TestNetwork.CreateAsync(Cancel);
        await using var upstream = await UpstreamRegistry.StartAsync(await network.AddHostAsync("upstream", Cancel), images.RegistryRoot, writable: false, Cancel);
        var host = await network.AddHostAsync("one", Cancel);
        using var client = host.Namespace.CreateHttpClient();
        client.Timeout = TimeSpan.FromSeconds(2);

        // As kernels do for some 40 ms, but until the test says otherwise.
        await WithholdAcknowledgementsAsync(host, "-I");
        (await client.GetStringAsync(new Uri(upstream.Address, "/v2/"), Cancel)).ShouldBe("{}");
        var once = await upstream.BytesSentSoFarAsync(Cancel);
        var sent = upstream.BytesSentAsync(Cancel);
        await Eventually.TrueAsync(
            async () => await upstream.BytesSentSoFarAsync(Cancel) > once, "the answer to be sent again", Eventually.Patience, Cancel);
        sent.IsCompleted.ShouldBeFalse("the answer is not acknowledged");

        await WithholdAcknowledgementsAsync(host, "-D");
        var settled = await sent;
        await upstream.CutAsync(style, Cancel);
        await Should.ThrowAsync<Exception>(() => client.GetAsync(upstream.Address, Cancel));

        (await upstream.BytesSentSoFarAsync(Cancel)).ShouldBe(settled);
    }

    [Fact]
    public async Task A_faulty_upstream_answers_as_the_test_says_inside_its_own_network()
    {
        await using var network = await TestNetwork.CreateAsync(Cancel);
        await using var upstream = await FaultyUpstream.StartAsync(
            await network.AddHostAsync("upstream", Cancel),
            context =>
            {
                context.Response.StatusCode = StatusCodes.Status418ImATeapot;
                return Task.CompletedTask;
            },
            Cancel);
        using var client = (await network.AddHostAsync("one", Cancel)).Namespace.CreateHttpClient();

        (await client.GetStringAsync(new Uri(upstream.Address, "/v2/"), Cancel)).ShouldBe("{}");
        using var answer = await client.GetAsync(new Uri(upstream.Address, "/v2/x/blobs/y"), Cancel);
        ((int)answer.StatusCode).ShouldBe(StatusCodes.Status418ImATeapot);
    }

    [Fact]
    public async Task A_small_disk_is_full_after_its_size()
    {
        await using var disk = await TinyTmpfs.MountAsync(64 * 1024, Cancel);

        await Should.ThrowAsync<IOException>(() => File.WriteAllBytesAsync(Path.Combine(disk.Path, "file"), new byte[128 * 1024], Cancel));

        disk.FreeBytes.ShouldBe(0);
    }

    /// <summary>Has a host keep packets to itself, or no longer, that only acknowledge: a request pushes its bytes.</summary>
    private static async Task WithholdAcknowledgementsAsync(NetworkHost host, string change) => (await host.Namespace.RunAsync(
        RequiredTool.Path("iptables", "apt-get install iptables"),
        ["-w", change, "OUTPUT", "-p", "tcp", "--tcp-flags", "SYN,FIN,RST,PSH,ACK", "ACK", "-j", "DROP"],
        Cancel)).OrThrow();
}
