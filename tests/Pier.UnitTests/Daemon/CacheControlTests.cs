using System.Text.Json;
using Pier.Api;
using Pier.Api.Cache;
using Pier.Api.Nodes;
using Pier.Api.Progress;
using Pier.Cli;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.UnitTests.Cli;

namespace Pier.UnitTests.Daemon;

/// <summary>The store looked after through <c>pier cache</c>, against a whole daemon.</summary>
public sealed class CacheControlTests
{
    private const int LayerBytes = 600_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Blobs_that_images_share_count_once_and_own_bytes_are_what_removal_frees()
    {
        await using var scene = await Scene.StartAsync();
        await scene.RunAsync("pull", "app:1", "--platform", "linux/amd64");
        await scene.RunAsync("pull", "other:1", "--platform", "linux/amd64");

        var report = JsonSerializer.Deserialize(await scene.RunAsync("cache", "ls", "--json"), ApiJson.Default.CacheReport)!;
        report.Images.Select(image => image.Name).ShouldBe(["app:1", "other:1"], ignoreOrder: true);
        report.Bytes.ShouldBeLessThan(2 * LayerBytes);
        report.Images.ShouldAllBe(image => image.Bytes == report.Bytes && image.OwnBytes == 0 && image.Blobs == 3);
        report.Loose.Blobs.ShouldBe(0);

        var parts = JsonSerializer.Deserialize(await scene.RunAsync("cache", "show", "app:1", "--json"), ApiJson.Default.CachedParts)!;
        parts.Blobs.Single(blob => blob.Size == LayerBytes).Images.ShouldBe(["app:1", "other:1"], ignoreOrder: true);
        (await scene.RunAsync("cache", "ls")).ShouldContain("other:1");

        await scene.RunAsync("cache", "rm", "other:1");
        report = JsonSerializer.Deserialize(await scene.RunAsync("cache", "ls", "--json"), ApiJson.Default.CacheReport)!;
        report.Images.ShouldHaveSingleItem().OwnBytes.ShouldBe(report.Bytes);
    }

    [Fact]
    public async Task Damaged_bytes_are_never_served_and_come_back_from_the_upstream()
    {
        await using var scene = await Scene.StartAsync();
        await scene.RunAsync("pull", "app:1", "--platform", "linux/amd64");
        await scene.RunAsync("pin", "app:1");
        await scene.DamageAsync();

        var result = await scene.VerifyAsync();
        result.Blobs.ShouldBe(3);
        result.Damaged.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            blob => blob.Digest.ShouldBe(scene.Upstream.Layer.ToString()), blob => blob.Healed.ShouldBeTrue(blob.Problem));

        (await scene.VerifyAsync()).Damaged.ShouldBeEmpty();
        var parts = JsonSerializer.Deserialize(await scene.RunAsync("cache", "show", scene.Upstream.Layer.ToString(), "--json"), ApiJson.Default.CachedParts)!;
        parts.Blobs.ShouldHaveSingleItem().Pinned.ShouldBeTrue("its pin outlives the damage");
    }

    [Fact]
    public async Task Mended_is_what_the_store_holds_again_and_not_what_arrived()
    {
        await using var scene = await Scene.StartAsync();
        await scene.RunAsync("pull", "app:1", "--platform", "linux/amd64");
        await scene.DamageAsync();
        scene.Upstream.IsDamaged = true;

        var sent = scene.Upstream.LayersSent;
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancel);

        var checking = scene.VerifyAsync(enough.Token);

        // Who asks again has refused what came. It goes on looking for a better source for a minute; nobody need wait for that here.
        await Eventually.TrueAsync(() => scene.Upstream.LayersSent >= sent + 2 || checking.IsCompleted, "what came was judged", Eventually.Patience, Cancel);
        File.Exists(scene.LayerFile).ShouldBeFalse();
        await enough.CancelAsync();
        try
        {
            (await checking).Damaged.ShouldHaveSingleItem().Healed.ShouldBeFalse();
        }
        catch (OperationCanceledException)
        {
            // It would have looked on.
        }
    }

    [Fact]
    public async Task What_cannot_be_mended_is_removed_and_said_so()
    {
        await using var scene = await Scene.StartAsync();
        await scene.RunAsync("pull", "app:1", "--platform", "linux/amd64");
        await scene.DamageAsync();

        var run = await CliRun.OfAsync("cache", "verify", "app:1", "--no-heal", "--socket", scene.Daemon.Options.Socket);

        run.ExitCode.ShouldBe(ExitCode.Failed);
        run.Output.ShouldContain("1 damaged, 0 of them mended");
        File.Exists(scene.LayerFile).ShouldBeFalse();
    }

    [Fact]
    public async Task Pruning_leaves_what_is_pinned_and_whoever_reads_reads_on()
    {
        await using var scene = await Scene.StartAsync();
        await scene.RunAsync("pull", "app:1", "--platform", "linux/amd64");
        await using var open = File.OpenRead(scene.LayerFile);

        (await scene.RunAsync("cache", "prune", "--unused", "1d")).ShouldContain("removed 0 blobs");
        (await scene.RunAsync("cache", "prune", "--all", "--dry-run")).ShouldContain("would remove 3 blobs");
        await scene.RunAsync("pin", "app:1");
        (await scene.RunAsync("cache", "prune", "--all")).ShouldContain("removed 0 blobs");
        await scene.RunAsync("unpin", "app:1");
        (await scene.RunAsync("cache", "prune", "--keep", "100B")).ShouldContain("removed ");

        File.Exists(scene.LayerFile).ShouldBeFalse();
        var bytes = new byte[LayerBytes];
        await open.ReadExactlyAsync(bytes, Cancel);
        Pier.Content.Digest.Compute(bytes).ShouldBe(scene.Upstream.Layer);
    }

    [Fact]
    public async Task Pruning_wants_to_know_how_much()
    {
        (await CliRun.OfAsync("cache", "prune")).ExitCode.ShouldBe(ExitCode.Usage);
        (await CliRun.OfAsync("cache", "prune", "--keep", "much")).ExitCode.ShouldBe(ExitCode.Usage);
        (await CliRun.OfAsync("cache", "prune", "--unused", "-3d")).ExitCode.ShouldBe(ExitCode.Usage);
    }

    [Fact]
    public async Task The_daemon_tells_of_its_disk_clock_members_and_upstreams()
    {
        await using var scene = await Scene.StartAsync();

        var checks = (await scene.Daemon.Control.GetAsync(ApiPaths.Checks, ApiJson.Default.CheckList, Cancel)).Checks;

        checks.Single(check => check.Name == "upstream docker.io").State.ShouldBe(CheckState.Ok);
        checks.Single(check => check.Name == "clock").State.ShouldBe(CheckState.Ok);
        checks.Select(check => check.Name).ShouldContain("disk");
    }

    /// <summary>A daemon before an upstream with one image.</summary>
    private sealed class Scene(TempFolder folder, StubRegistry upstream, TestDaemon daemon) : IAsyncDisposable
    {
        public StubRegistry Upstream { get; } = upstream;

        public TestDaemon Daemon { get; } = daemon;

        public string LayerFile => Path.Combine(Daemon.Options.State, "blobs", "sha256", Upstream.Layer.Hex[..2], Upstream.Layer.Hex);

        public static async Task<Scene> StartAsync()
        {
            var folder = TempFolder.Create("cache");
            var upstream = await StubRegistry.StartAsync(holdLayer: false, Cancel);
            return new Scene(folder, upstream, await TestDaemon.StartAsync(folder, upstream.Address, Cancel));
        }

        public async Task<string> RunAsync(params string[] words)
        {
            var run = await CliRun.OfAsync([.. words, "--socket", Daemon.Options.Socket]);
            run.ExitCode.ShouldBe(0, run.Error);
            return run.Output;
        }

        public Task<VerifyResult> VerifyAsync() => VerifyAsync(Cancel);

        public async Task<VerifyResult> VerifyAsync(CancellationToken cancellationToken)
        {
            VerifyResult? result = null;
            await foreach (var line in Daemon.Control.PostLinesAsync(ApiPaths.CacheVerify, new VerifyRequest([], Heal: true), ApiJson.Default.VerifyRequest, cancellationToken))
            {
                result = line as VerifyResult ?? result;
            }
            return result.ShouldNotBeNull();
        }

        public async Task DamageAsync()
        {
            var bytes = await File.ReadAllBytesAsync(LayerFile, Cancel);
            bytes[LayerBytes / 3] ^= 1;
            File.Delete(LayerFile);
            await File.WriteAllBytesAsync(LayerFile, bytes, Cancel);
        }

        public async ValueTask DisposeAsync()
        {
            await Daemon.DisposeAsync();
            await Upstream.DisposeAsync();
            await folder.DisposeAsync();
        }
    }
}
