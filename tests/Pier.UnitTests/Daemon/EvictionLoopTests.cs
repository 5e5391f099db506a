using Microsoft.Extensions.DependencyInjection;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Daemon.Options;
using Pier.Daemon.Storage;
using Pier.Fetch;
using Pier.TestKit.Files;
using Pier.TestKit.Logging;

namespace Pier.UnitTests.Daemon;

/// <summary>What goes when the store is above its quota, and what stays.</summary>
public sealed class EvictionLoopTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pinned_and_leased_blobs_stay_and_a_quota_that_cannot_be_kept_is_told()
    {
        await using var folder = TempFolder.Create();
        await using var daemon = await TestDaemon.StartAsync(folder, new Uri("http://127.0.0.1:9/"), Cancel);
        var store = daemon.Services.GetRequiredService<IContentStore>();
        var pinned = await AddAsync(store, 1);
        var leased = await AddAsync(store, 2);
        var idle = await AddAsync(store, 3);
        await store.PinAsync(pinned, Cancel);
        using var lease = store.Lease([leased]);
        var logs = new CollectedLogs();
        var loop = Loop(daemon, store, quota: 500, logs);

        (await loop.EvictAsync(Cancel)).ShouldBe(1000);

        (await store.StatAsync(pinned, Cancel)).ShouldNotBeNull();
        (await store.StatAsync(leased, Cancel)).ShouldNotBeNull();
        (await store.StatAsync(idle, Cancel)).ShouldBeNull();
        logs.Has(8032).ShouldBeTrue();
    }

    [Fact]
    public async Task Below_the_quota_nothing_goes()
    {
        await using var folder = TempFolder.Create();
        await using var daemon = await TestDaemon.StartAsync(folder, new Uri("http://127.0.0.1:9/"), Cancel);
        var store = daemon.Services.GetRequiredService<IContentStore>();
        await AddAsync(store, 1);
        var logs = new CollectedLogs();

        (await Loop(daemon, store, quota: 1000, logs).EvictAsync(Cancel)).ShouldBe(0);

        logs.Entries.ShouldBeEmpty();
    }

    private static EvictionLoop Loop(TestDaemon daemon, IContentStore store, long quota, CollectedLogs logs) => new(
        daemon.Options with { Quota = quota }, store, daemon.Services.GetRequiredService<DeliveryService>(), TimeProvider.System, logs.CreateLogger<EvictionLoop>());

    private static async Task<Digest> AddAsync(IContentStore store, byte fill)
    {
        await using var ingest = await store.IngestAsync(expected: null, size: null, Cancel);
        await ingest.WriteAsync(Enumerable.Repeat(fill, 1000).ToArray(), Cancel);
        return (await ingest.SealAsync(Cancel)).Digest;
    }
}
