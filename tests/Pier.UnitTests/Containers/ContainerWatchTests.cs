using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Daemon.Containers;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Time;
using Pier.UnitTests.Daemon;

namespace Pier.UnitTests.Containers;

/// <summary>A container of which only the engine can tell is not believed to run for ever when the engine has gone.</summary>
public sealed class ContainerWatchTests : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly TempFolder _folder = TempFolder.Create("watch");
    private LabelledFolder _container = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _container = await new LabelledFolder(_folder).FillAsync(Cancel);

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    [Fact]
    public async Task What_nobody_can_tell_about_ends_in_the_end()
    {
        var label = _container.FileLabel();
        var socket = _folder.Below("d.sock");
        var options = TestDaemon.OptionsIn(_folder, new Uri("http://127.0.0.1:1/"));
        await using var daemon = await TestDaemon.StartAsync(options with { Containers = _folder.Below("none.sock") }, Cancel);
        await using (var ingest = await daemon.Services.GetRequiredService<IContentStore>().IngestAsync(expected: null, size: null, Cancel))
        {
            await ingest.WriteAsync(await File.ReadAllBytesAsync(_container.File, Cancel), Cancel);
            await ingest.SealAsync(Cancel);
        }

        await daemon.Services.GetRequiredService<IAccessPolicy>().RecordAsync(RepositoryName.Parse("example.org/public"), isPublic: true, [label.Digest], Cancel);
        var seeds = ActivatorUtilities.CreateInstance<ContainerSeeds>(daemon.Services);
        var clock = new ManualTimeProvider();
        using var watch = new ContainerWatch(seeds, options with { Containers = socket }, clock, NullLogger<ContainerWatch>.Instance);
        await using (var engine = await FakeEngine.StartAsync(socket, Cancel))
        {
            engine.Start(1, LabelledFolder.Labels(label), isSilent: true);
            await watch.StartAsync(Cancel);
            await Eventually.TrueAsync(() => seeds.NamesOf(_container.FileTorrent.Id) is not null, "it is served", Deadline, Cancel);
        }

        File.Delete(socket);
        clock.Advance(TimeSpan.FromMinutes(4));
        seeds.NamesOf(_container.FileTorrent.Id).ShouldNotBeNull();

        await Eventually.TrueAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(30));
                return seeds.NamesOf(_container.FileTorrent.Id) is null;
            },
            "it is served no more", Deadline, Cancel);
        await watch.StopAsync(Cancel);
        seeds.Dispose();
    }

    [Fact]
    public async Task The_engine_is_not_asked_about_what_is_seen_to_run()
    {
        var process = Directory.CreateDirectory(Path.Combine(_folder.MakeFolder("proc"), "4000001")).FullName;
        await File.WriteAllTextAsync(Path.Combine(process, "cgroup"), $"0::/docker/{FakeEngine.Id(1)}\n", Cancel);
        File.CreateSymbolicLink(Path.Combine(process, "root"), _container.Root);
        var options = TestDaemon.OptionsIn(_folder, new Uri("http://127.0.0.1:1/"));
        await using var daemon = await TestDaemon.StartAsync(options with { Containers = _folder.Below("none.sock") }, Cancel);
        using var seeds = ActivatorUtilities.CreateInstance<ContainerSeeds>(daemon.Services);
        var clock = new ManualTimeProvider();
        await using var engine = await FakeEngine.StartAsync(_folder.Below("d.sock"), Cancel);
        using var watch = new ContainerWatch(seeds, options with { Containers = engine.Socket }, clock, NullLogger<ContainerWatch>.Instance, _folder.Below("proc"));
        engine.Start(1, LabelledFolder.Labels(_container.FileLabel()), isSilent: true);
        await watch.StartAsync(Cancel);
        await Eventually.TrueAsync(() => seeds.NamesOf(_container.FileTorrent.Id) is not null, "it is served", Deadline, Cancel);
        var (looks, lists) = (engine.Looks, engine.Lists);

        Task AdvancedAsync(Func<bool> condition, string what) => Eventually.TrueAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(10));
                return condition();
            },
            what, Deadline, Cancel);
        await AdvancedAsync(() => engine.Lists >= lists + 3, "the engine is asked what runs");
        engine.Looks.ShouldBe(looks);

        // Its process is gone, and the engine has not said so yet.
        Directory.Delete(process, recursive: true);
        await AdvancedAsync(() => engine.Looks > looks, "the engine is asked what became of it");
        await watch.StopAsync(Cancel);
    }
}
