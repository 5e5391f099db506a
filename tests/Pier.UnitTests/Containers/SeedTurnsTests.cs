using Microsoft.Extensions.DependencyInjection;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Resting;
using Pier.BitTorrent.Swarms;
using Pier.Daemon.Containers;
using Pier.Daemon.Options;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Logging;
using Pier.TestKit.Stores;
using Pier.UnitTests.Daemon;

namespace Pier.UnitTests.Containers;

/// <summary>Seeding on behalf of containers beside what else the node does: torrents at rest, long proofs, and looks every minute.</summary>
public sealed class SeedTurnsTests : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly TempFolder _folder = TempFolder.Create("turns");
    private LabelledFolder _container = null!;
    private TestDaemon _daemon = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private BitTorrentEngine Engine => _daemon.Services.GetRequiredService<BitTorrentEngine>();

    public async ValueTask InitializeAsync()
    {
        _container = await new LabelledFolder(_folder).FillAsync(Cancel);
        _daemon = await TestDaemon.StartAsync(TestDaemon.OptionsIn(_folder, new Uri("http://127.0.0.1:1/")) with { Containers = _folder.Below("none.sock") }, Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await _daemon.DisposeAsync();
        await _folder.DisposeAsync();
    }

    [Fact]
    public async Task A_torrent_that_rests_on_this_node_is_served_already_and_not_woken_with_each_look()
    {
        var seeds = _daemon.Services.GetRequiredService<ContainerSeeds>();
        var torrent = _container.FileTorrent;
        var woken = 0;
        Engine.Rest(new RestingTorrent
        {
            Id = torrent.Id,
            Name = torrent.Name,
            Length = torrent.TotalLength,
            WireHashes = [.. torrent.Id.WireHashes],
            Wake = _ =>
            {
                Interlocked.Increment(ref woken);
                return ValueTask.FromResult<SwarmSpec?>(null);
            },
        });
        using var container = _container.Run(_container.FileLabel());
        await seeds.StartedAsync(container, Cancel);
        await ServedAsync(seeds);
        await seeds.LookOverAsync(Cancel);

        woken.ShouldBe(0);
        Engine.Find(torrent.Id).ShouldBeNull();

        // Whoever had it gives it up.
        Engine.Forget(torrent.Id);
        await seeds.LookOverAsync(Cancel);
        Engine.Find(torrent.Id).ShouldNotBeNull();
        await seeds.StoppedAsync(container);
        Engine.Find(torrent.Id).ShouldBeNull();
    }

    [Fact]
    public async Task What_has_changed_is_dropped_also_while_something_else_is_proved()
    {
        var hold = new TaskCompletionSource();
        var places = new DataPlaces(new MemoryContentStore(TimeProvider.System), new StubPolicy { IsPublic = true, Hold = hold.Task }, new DaemonOptions { Announce = AnnouncePolicy.Cluster });
        using var seeds = ActivatorUtilities.CreateInstance<ContainerSeeds>(_daemon.Services, places);
        using var stop = new CancellationTokenSource();
        var running = seeds.RunAsync(stop.Token);
        using var first = _container.Run(_container.FileLabel());
        await seeds.StartedAsync(first, Cancel);
        await ServedAsync(seeds);
        // Nobody can tell yet whether this may be served.
        using var second = _container.Run(_container.FileLabel() with { Sources = [], Outline = default });
        await seeds.StartedAsync(second, Cancel);

        await File.AppendAllTextAsync(_container.File, "x", Cancel);
        await using (var file = File.OpenWrite(_container.File))
        {
            file.WriteByte(0);
            file.WriteByte(0);
            file.WriteByte(0);
            file.WriteByte(0);
        }

        var storage = await Engine.Find(_container.FileTorrent.Id).ShouldNotBeNull().Spec.Storage(_container.FileTorrent, Cancel);
        await Should.ThrowAsync<IOException>(async () => await storage.ReadAsync(0, new byte[10], Cancel));

        await Eventually.TrueAsync(() => seeds.NamesOf(_container.FileTorrent.Id) is null, "it is served no more", Deadline, Cancel);
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task What_there_is_no_room_for_is_not_even_read_until_there_is()
    {
        using var logs = new CollectedLogs();
        // For either of the two: their hashes weigh more than their bytes.
        using var seeds = ActivatorUtilities.CreateInstance<ContainerSeeds>(_daemon.Services, logs.CreateLogger<ContainerSeeds>(), 2_000_000L);
        using var stop = new CancellationTokenSource();
        var running = seeds.RunAsync(stop.Token);
        using var first = _container.Run(_container.FileLabel());
        await seeds.StartedAsync(first, Cancel);
        await ServedAsync(seeds);

        // Whoever read it would miss a file.
        var file = Path.Combine(_container.Root, "data", "tree", "one");
        File.Move(file, file + ".away");
        using var second = _container.Run(_container.TreeLabel());
        await seeds.StartedAsync(second, Cancel);
        await Eventually.TrueAsync(() => logs.Entries.Any(entry => entry.Message.Contains("/data/tree", StringComparison.Ordinal)), "it is refused", Deadline, Cancel);
        logs.Entries.ShouldContain(entry => entry.Message.Contains("/data/tree of container c2", StringComparison.Ordinal) && entry.Message.Contains("on behalf of containers at most", StringComparison.Ordinal));

        File.Move(file + ".away", file);
        await seeds.StoppedAsync(first);
        await seeds.LookOverAsync(Cancel);
        await Eventually.TrueAsync(() => seeds.NamesOf(_container.TreeTorrent.Id) is not null, "the folder is served", Deadline, Cancel);
        await seeds.StoppedAsync(second);
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Names_are_made_anew_only_when_they_have_changed()
    {
        var seeds = _daemon.Services.GetRequiredService<ContainerSeeds>();
        using var first = _container.Run(_container.FileLabel());
        using var second = _container.Run(_container.FileLabel());
        using var stranger = _container.Run();
        await seeds.StartedAsync(first, Cancel);
        await ServedAsync(seeds);
        var names = seeds.NamesOf(_container.FileTorrent.Id);

        await seeds.LookOverAsync(Cancel);
        await seeds.StartedAsync(stranger, Cancel);
        await seeds.StoppedAsync(stranger);
        seeds.NamesOf(_container.FileTorrent.Id).ShouldBeSameAs(names);

        await seeds.StartedAsync(second, Cancel);
        seeds.NamesOf(_container.FileTorrent.Id).ShouldBe(["c1 (000000000000)", "c2 (000000000000)"]);
        await seeds.StoppedAsync(first);
        seeds.NamesOf(_container.FileTorrent.Id).ShouldBe(["c2 (000000000000)"]);
        await seeds.StoppedAsync(second);
        seeds.NamesOf(_container.FileTorrent.Id).ShouldBeNull();
    }

    private Task ServedAsync(ContainerSeeds seeds) => Eventually.TrueAsync(() => seeds.NamesOf(_container.FileTorrent.Id) is not null, "it is served", Deadline, Cancel);
}
