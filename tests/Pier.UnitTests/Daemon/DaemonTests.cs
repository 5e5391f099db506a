using System.Net;
using Pier.Api;
using Pier.Api.Images;
using Pier.Api.Progress;
using Pier.Api.Seeds;
using Pier.Daemon.Hosting;
using Pier.Daemon.Http;
using Pier.TestKit.Files;
using Pier.UnitTests.Cli;

namespace Pier.UnitTests.Daemon;

/// <summary>A whole daemon, asked from outside.</summary>
public sealed class DaemonTests
{
    private static readonly Uri Nowhere = new("http://127.0.0.1:9/");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Foreign_hosts_and_unsafe_methods_without_token_are_refused()
    {
        await using var folder = TempFolder.Create();
        await using var daemon = await TestDaemon.StartAsync(folder, Nowhere, Cancel);
        var init = new Uri(daemon.ControlPort, ApiPaths.ClusterInit);
        var token = await File.ReadAllTextAsync(Path.Combine(daemon.Options.State, ControlToken.FileName), Cancel);

        (await daemon.SendAsync(HttpMethod.Get, new Uri(daemon.Registry, "/v2/"), "rebound.example.com")).ShouldBe(HttpStatusCode.MisdirectedRequest);
        (await daemon.SendAsync(HttpMethod.Get, new Uri(daemon.ControlPort, "/v1/status"), "rebound.example.com")).ShouldBe(HttpStatusCode.MisdirectedRequest);
        (await daemon.SendAsync(HttpMethod.Get, new Uri(daemon.Registry, "/v2/"))).ShouldBe(HttpStatusCode.OK);
        (await daemon.SendAsync(HttpMethod.Get, new Uri(daemon.Registry, "/v1/status"))).ShouldBe(HttpStatusCode.NotFound);
        (await daemon.SendAsync(HttpMethod.Post, init)).ShouldBe(HttpStatusCode.Unauthorized);
        (await daemon.SendAsync(HttpMethod.Post, init, authorization: "Bearer wrong")).ShouldBe(HttpStatusCode.Forbidden);
        (await daemon.SendAsync(HttpMethod.Delete, new Uri(daemon.ControlPort, "/v1/images?name=a"), authorization: $"Bearer {token}"))
            .ShouldBe(HttpStatusCode.NotFound);
        (await daemon.SendAsync(HttpMethod.Get, new Uri(daemon.ControlPort, "/readyz"))).ShouldBe(HttpStatusCode.OK);
        (await daemon.Http.GetStringAsync(new Uri(daemon.ControlPort, "/metrics"), Cancel)).ShouldContain("pier_store_blobs 0");
    }

    [Fact]
    public async Task What_was_pulled_and_seeded_is_back_after_a_restart()
    {
        await using var folder = TempFolder.Create();
        await using var upstream = await StubRegistry.StartAsync(holdLayer: false, Cancel);
        var file = folder.Below("data.bin");
        await File.WriteAllBytesAsync(file, new byte[300_000], Cancel);
        await using (var first = await TestDaemon.StartAsync(folder, upstream.Address, Cancel))
        {
            (await CliRun.OfAsync("pull", "app:1", "--platform", "linux/amd64", "--socket", first.Options.Socket)).ShouldSatisfyAllConditions(
                run => run.ExitCode.ShouldBe(0, run.Error), run => run.Output.ShouldContain("upstream"));
            await foreach (var line in first.Control.PostLinesAsync(ApiPaths.Seeds, new SeedRequest(file), ApiJson.Default.SeedRequest, Cancel))
            {
                line.ShouldNotBeOfType<ProgressFailure>();
            }
        }
        var asked = upstream.Requests;

        await using var second = await TestDaemon.StartAsync(folder, Nowhere, Cancel);

        var images = await second.Control.GetAsync(ApiPaths.Images, ApiJson.Default.ImageList, Cancel);
        images.Images.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            image => image.Name.ShouldBe("app:1"), image => image.MissingBlobs.ShouldBe(0));
        (await second.Http.GetByteArrayAsync(new Uri(second.Registry, $"/v2/library/app/blobs/{upstream.Layer}"), Cancel)).Length.ShouldBe(600_000);
        upstream.Requests.ShouldBe(asked);
        var seeds = await second.Control.GetAsync(ApiPaths.Seeds, ApiJson.Default.SeedList, Cancel);
        seeds.Seeds.ShouldHaveSingleItem().ShouldSatisfyAllConditions(seed => seed.Path.ShouldBe(file), seed => seed.Problem.ShouldBeNull());
        (await second.Control.GetAsync(ApiPaths.Status, ApiJson.Default.NodeStatus, Cancel)).Swarms.ShouldContain(swarm => swarm.Name == "data.bin");
    }

    [Fact]
    public async Task An_open_transfer_does_not_hold_the_stop()
    {
        await using var folder = TempFolder.Create();
        await using var upstream = await StubRegistry.StartAsync(holdLayer: true, Cancel);
        var daemon = await TestDaemon.StartAsync(folder, upstream.Address, Cancel);
        await using var closing = daemon;
        using var answer = await daemon.Http.GetAsync(
            new Uri(daemon.Registry, $"/v2/library/app/blobs/{upstream.Layer}"), HttpCompletionOption.ResponseHeadersRead, Cancel);
        answer.EnsureSuccessStatusCode();
        var start = TimeProvider.System.GetTimestamp();

        await daemon.StopAsync(Cancel);

        // Some 4 s on a machine that has time; where nothing ends the transfer, a host waits for it for 30 s.
        TimeProvider.System.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(20));
        await Should.ThrowAsync<Exception>(async () => await answer.Content.ReadAsByteArrayAsync(Cancel));
    }

    [Fact]
    public async Task Pins_keep_removal_takes_and_layouts_travel()
    {
        await using var folder = TempFolder.Create();
        await using var upstream = await StubRegistry.StartAsync(holdLayer: false, Cancel);
        await using var daemon = await TestDaemon.StartAsync(folder, upstream.Address, Cancel);
        string[] socket = ["--socket", daemon.Options.Socket];
        async Task<CliRun> Pier(params string[] words) => await CliRun.OfAsync([.. words, .. socket]);

        (await Pier("pull", "app:1", "--platform", "linux/amd64")).ExitCode.ShouldBe(0);
        (await Pier("pin", "app:1")).Output.ShouldContain("3 blobs");
        (await Pier("rm", "app:1")).ExitCode.ShouldBe(7);
        (await Pier("export", "app:1", folder.Below("layout"))).ExitCode.ShouldBe(0);
        (await Pier("unpin", "app:1")).ExitCode.ShouldBe(0);
        (await Pier("rm", "app:1")).Output.ShouldContain("3 blobs");
        (await daemon.Control.GetAsync(ApiPaths.Blobs, ApiJson.Default.BlobList, Cancel)).Blobs.ShouldBeEmpty();

        (await Pier("import", folder.Below("layout"))).Output.ShouldContain("app:1");
        (await Pier("get", upstream.Layer.ToString(), folder.Below("layer"))).ExitCode.ShouldBe(0);

        new FileInfo(folder.Below("layer")).Length.ShouldBe(600_000);
        Directory.EnumerateFileSystemEntries(Path.Combine(daemon.Options.State, "downloads")).ShouldBeEmpty();
        (await Pier("pull", "app:2")).ExitCode.ShouldBe(4);
        (await Pier("export", "nosuch:1", folder.Below("none.tar"))).ExitCode.ShouldBe(4);
    }

    [Fact]
    public async Task A_second_daemon_on_the_state_folder_is_told_who_holds_it()
    {
        await using var folder = TempFolder.Create();
        await using var daemon = await TestDaemon.StartAsync(folder, Nowhere, Cancel);
        using var error = new StringWriter();

        var code = await DaemonCommand.RunAsync(() => daemon.Options, error, Cancel);

        code.ShouldBe(ExitCode.StateInUse);
        error.ToString().ShouldContain(daemon.Options.State);
        error.ToString().ShouldContain($"process {Environment.ProcessId}");
    }

    [Fact]
    public async Task A_taken_port_ends_the_start_with_its_holder_and_leaves_the_state_free()
    {
        await using var folder = TempFolder.Create();
        await using var other = TempFolder.Create();
        await using var daemon = await TestDaemon.StartAsync(folder, Nowhere, Cancel);
        using var error = new StringWriter();
        var options = TestDaemon.OptionsIn(other, Nowhere) with { Control = daemon.Options.Control };

        (await DaemonCommand.RunAsync(() => options, error, Cancel)).ShouldBe(ExitCode.PortTaken);

        error.ToString().ShouldContain($"(pid {Environment.ProcessId})");
        error.ToString().ShouldContain("--control");
        Pier.Store.Disk.StateFolder.Open(options.State).Dispose();
    }
}
