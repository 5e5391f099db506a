using Microsoft.Extensions.DependencyInjection;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Resting;
using Pier.BitTorrent.Swarms;
using Pier.Daemon.Containers;
using Pier.Daemon.Options;
using Pier.TestKit;
using Pier.TestKit.Logging;
using Pier.TestKit.Stores;

namespace Pier.UnitTests.Containers;

/// <summary>Seeding on behalf of containers beside what else the node does: torrents at rest, long proofs, and looks every minute.</summary>
public sealed class SeedTurnsTests : IAsyncLifetime
{
    private SeedingNode _node = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private LabelledFolder Container => _node.Container;

    private BitTorrentEngine Engine => _node.Engine;

    public async ValueTask InitializeAsync() => _node = await SeedingNode.StartAsync("turns", Cancel);

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task A_torrent_that_rests_on_this_node_is_served_already_and_not_woken_with_each_look()
    {
        var seeds = _node.Seeds;
        var torrent = Container.FileTorrent;
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
        using var container = Container.Run(Container.FileLabel());
        await seeds.StartedAsync(container, Cancel);
        await _node.ServedAsync(seeds, Cancel);
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
        using var seeds = ActivatorUtilities.CreateInstance<ContainerSeeds>(_node.Services, places);
        using var stop = new CancellationTokenSource();
        var running = seeds.RunAsync(stop.Token);
        using var first = Container.Run(Container.FileLabel());
        await seeds.StartedAsync(first, Cancel);
        await _node.ServedAsync(seeds, Cancel);
        // Nobody can tell yet whether this may be served.
        using var second = Container.Run(Container.FileLabel() with { Sources = [], Outline = default });
        await seeds.StartedAsync(second, Cancel);

        await File.AppendAllTextAsync(Container.File, "x", Cancel);
        await using (var file = File.OpenWrite(Container.File))
        {
            file.WriteByte(0);
            file.WriteByte(0);
            file.WriteByte(0);
            file.WriteByte(0);
        }

        var storage = await Engine.Find(Container.FileTorrent.Id).ShouldNotBeNull().Spec.Storage(Container.FileTorrent, Cancel);
        await Should.ThrowAsync<IOException>(async () => await storage.ReadAsync(0, new byte[10], Cancel));

        await Eventually.TrueAsync(() => seeds.NamesOf(Container.FileTorrent.Id) is null, "it is served no more", SeedingNode.Deadline, Cancel);
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task What_there_is_no_room_for_is_not_even_read_until_there_is()
    {
        using var logs = new CollectedLogs();
        // For either of the two: their hashes weigh more than their bytes.
        using var seeds = ActivatorUtilities.CreateInstance<ContainerSeeds>(_node.Services, logs.CreateLogger<ContainerSeeds>(), 2_000_000L);
        using var stop = new CancellationTokenSource();
        var running = seeds.RunAsync(stop.Token);
        using var first = Container.Run(Container.FileLabel());
        await seeds.StartedAsync(first, Cancel);
        await _node.ServedAsync(seeds, Cancel);

        // Whoever read it would miss a file.
        var file = Path.Combine(Container.Root, "data", "tree", "one");
        File.Move(file, file + ".away");
        using var second = Container.Run(Container.TreeLabel());
        await seeds.StartedAsync(second, Cancel);
        await Eventually.TrueAsync(() => logs.Entries.Any(entry => entry.Message.Contains("/data/tree", StringComparison.Ordinal)), "it is refused", SeedingNode.Deadline, Cancel);
        logs.Entries.ShouldContain(entry => entry.Message.Contains("/data/tree of container c2", StringComparison.Ordinal) && entry.Message.Contains("on behalf of containers at most", StringComparison.Ordinal));

        File.Move(file + ".away", file);
        await seeds.StoppedAsync(first);
        await seeds.LookOverAsync(Cancel);
        await Eventually.TrueAsync(() => seeds.NamesOf(Container.TreeTorrent.Id) is not null, "the folder is served", SeedingNode.Deadline, Cancel);
        await seeds.StoppedAsync(second);
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Names_are_made_anew_only_when_they_have_changed()
    {
        var seeds = _node.Seeds;
        using var first = Container.Run(Container.FileLabel());
        using var second = Container.Run(Container.FileLabel());
        using var stranger = Container.Run();
        await seeds.StartedAsync(first, Cancel);
        await _node.ServedAsync(seeds, Cancel);
        var names = seeds.NamesOf(Container.FileTorrent.Id);

        await seeds.LookOverAsync(Cancel);
        await seeds.StartedAsync(stranger, Cancel);
        await seeds.StoppedAsync(stranger);
        seeds.NamesOf(Container.FileTorrent.Id).ShouldBeSameAs(names);

        await seeds.StartedAsync(second, Cancel);
        seeds.NamesOf(Container.FileTorrent.Id).ShouldBe(["c1 (000000000000)", "c2 (000000000000)"]);
        await seeds.StoppedAsync(first);
        seeds.NamesOf(Container.FileTorrent.Id).ShouldBe(["c2 (000000000000)"]);
        await seeds.StoppedAsync(second);
        seeds.NamesOf(Container.FileTorrent.Id).ShouldBeNull();
    }
}
