using Microsoft.Extensions.Logging.Abstractions;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Store.Blobs;
using Pier.Store.Eviction;
using Pier.Store.Partial;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Logging;
using Pier.TestKit.Time;

namespace Pier.UnitTests.Store;

public sealed class EvictorTests : IAsyncDisposable
{
    private readonly TempFolder _folder = TempFolder.Create("evict");
    private readonly ManualTimeProvider _clock = new();
    private readonly CollectedLogs _logs = new();
    private readonly Copies _copies = new();
    private readonly FileContentStore _store;
    private readonly PartialBlobs _partials;

    public EvictorTests()
    {
        _store = new FileContentStore(_folder.Below("blobs"), _clock, NullLogger<FileContentStore>.Instance);
        _partials = new PartialBlobs(_folder.Below("partial"), _store, new PartialBlobOptions(), _clock, NullLogger<PartialBlobs>.Instance);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _partials.DisposeAsync();
        await _folder.DisposeAsync();
        _logs.Dispose();
    }

    [Fact]
    public async Task The_least_recently_used_goes_first_and_no_more_than_needed()
    {
        var (a, b, c) = (await AddAsync(1), await AddAsync(2), await AddAsync(3));
        await using (await _store.OpenAsync(a, Cancel))
        {
        }

        (await Evictor(250).EvictAsync(Cancel)).ShouldBe(100);

        (await HeldAsync()).ShouldBe([a, c], ignoreOrder: true);
        _logs.Entries.Single().Message.ShouldContain(b.ToString());
    }

    [Fact]
    public async Task Room_is_kept_free_on_the_disk_beside_the_quota_or_without_one()
    {
        var (a, b, c) = (await AddAsync(1), await AddAsync(2), await AddAsync(3));
        var free = 850L;
        var evictor = Evictor(new QuotaOptions(null) { KeepFree = 1000, FreeBytes = () => free });

        (await evictor.EvictAsync(Cancel)).ShouldBe(200);
        (await HeldAsync()).ShouldBe([c]);
        evictor.Evicted.ShouldBe((2, 200));
        _copies.Evicted.ShouldBe([a, b]);

        free = 1000;
        (await evictor.EvictAsync(Cancel)).ShouldBe(0);
    }

    [Fact]
    public async Task Pruning_takes_what_was_not_used_for_long_down_to_what_is_to_be_kept()
    {
        var (a, b, c) = (await AddAsync(1), await AddAsync(2), await AddAsync(3));
        var evictor = Evictor((long?)null);
        var longAgo = _clock.GetUtcNow() - TimeSpan.FromMinutes(90);

        (await evictor.PruneAsync(null, longAgo, dryRun: true, Cancel)).ShouldBe((1, 100));
        (await HeldAsync()).Count.ShouldBe(3);
        (await evictor.PruneAsync(null, longAgo, dryRun: false, Cancel)).ShouldBe((1, 100));
        (await HeldAsync()).ShouldBe([b, c], ignoreOrder: true);
        (await evictor.PruneAsync(150, _clock.GetUtcNow(), dryRun: false, Cancel)).ShouldBe((1, 100));
        (await HeldAsync()).ShouldBe([c]);
        _copies.Evicted.ShouldBe([a, b]);
    }

    [Fact]
    public async Task Within_the_quota_or_without_one_nothing_goes()
    {
        await AddAsync(1);

        (await Evictor(100).EvictAsync(Cancel)).ShouldBe(0);
        (await Evictor((long?)null).EvictAsync(Cancel)).ShouldBe(0);
        await Evictor((long?)null).RunAsync(Cancel);
    }

    [Fact]
    public async Task What_is_pinned_or_leased_stays_and_that_is_said()
    {
        var (pinned, leased, free) = (await AddAsync(1), await AddAsync(2), await AddAsync(3));
        await _store.PinAsync(pinned, Cancel);
        using var lease = _store.Lease([leased]);

        (await Evictor(50).EvictAsync(Cancel)).ShouldBe(100);

        (await HeldAsync()).ShouldBe([pinned, leased], ignoreOrder: true);
        (await HeldAsync()).ShouldNotContain(free);
        _logs.Has(3009).ShouldBeTrue();
    }

    [Fact]
    public async Task What_ended_fetches_left_goes_in_its_turn_and_what_arrives_stays()
    {
        var held = await AddAsync(1);
        var (left, arriving) = (Digest.Compute("left"u8), Digest.Compute("arriving"u8));
        await using (var blob = await _partials.OpenAsync(left, 1000, Cancel))
        {
            await blob.WriteAsync(0, new byte[60], SourceTrust.AtOnce, SourceKind.Upstream, Cancel);
        }

        File.SetLastWriteTimeUtc(_folder.Below("partial", left.Hex + ".map"), _clock.Start.AddDays(-1).UtcDateTime);
        await using var open = await _partials.OpenAsync(arriving, 1000, Cancel);
        await open.WriteAsync(0, new byte[70], SourceTrust.AtOnce, SourceKind.Upstream, Cancel);

        (await Evictor(200).EvictAsync(Cancel)).ShouldBe(60);
        _partials.Stat(left).ShouldBeNull();
        (await Evictor(10).EvictAsync(Cancel)).ShouldBe(100);

        open.Present.ShouldBe(70);
        (await HeldAsync()).ShouldNotContain(held);
    }

    [Fact]
    public async Task The_loop_looks_again_after_its_interval_and_ends_with_its_token()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var loop = Evictor(50).RunAsync(stop.Token);
        await AddAsync(1);

        await Eventually.TrueAsync(
            async () =>
            {
                _clock.Advance(TimeSpan.FromSeconds(30));
                return (await HeldAsync()).Count == 0;
            },
            "the blob is evicted", Eventually.Patience, Cancel);

        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => loop);
    }

    [Fact]
    public async Task The_last_copy_goes_last_and_one_that_is_kept_elsewhere_before_it()
    {
        var (oldest, middle, newest) = (await AddAsync(1), await AddAsync(2), await AddAsync(3));
        _copies.Claimed.UnionWith([newest]);
        _copies.Confirmed.UnionWith([newest]);

        (await Evictor(250).EvictAsync(Cancel)).ShouldBe(100);
        (await HeldAsync()).ShouldBe([oldest, middle], ignoreOrder: true);
        _copies.Evicted.ShouldBe([newest]);

        (await Evictor(150).EvictAsync(Cancel)).ShouldBe(100);
        (await HeldAsync()).ShouldBe([middle]);
    }

    [Fact]
    public async Task A_member_that_only_says_that_it_keeps_a_copy_is_not_relied_on()
    {
        var (older, claimed) = (await AddAsync(1), await AddAsync(2));
        _copies.Claimed.Add(claimed);

        (await Evictor(150).EvictAsync(Cancel)).ShouldBe(100);

        (await HeldAsync()).ShouldBe([claimed]);
        (await HeldAsync()).ShouldNotContain(older);
    }

    private sealed class Copies : ICopies
    {
        public HashSet<Digest> Claimed { get; } = [];

        public HashSet<Digest> Confirmed { get; } = [];

        public List<Digest> Evicted { get; } = [];

        public bool IsKeptElsewhere(Digest sha256) => Claimed.Contains(sha256);

        public ValueTask<bool> ConfirmAsync(Digest sha256, CancellationToken cancellationToken) => ValueTask.FromResult(Confirmed.Contains(sha256));

        public Task EvictedAsync(Digest sha256)
        {
            Evicted.Add(sha256);
            return Task.CompletedTask;
        }
    }

    private Evictor Evictor(long? quota) => Evictor(new QuotaOptions(quota));

    private Evictor Evictor(QuotaOptions quota) => new(_store, _partials, quota, _copies, _clock, _logs.CreateLogger<Evictor>());

    /// <summary>Adds a blob of 100 bytes, an hour after the one before.</summary>
    private async Task<Digest> AddAsync(byte content)
    {
        _clock.Advance(TimeSpan.FromHours(1));
        var bytes = new byte[100];
        Array.Fill(bytes, content);
        await using var ingest = await _store.IngestAsync(null, 100, Cancel);
        await ingest.WriteAsync(bytes, Cancel);
        return (await ingest.SealAsync(Cancel)).Digest;
    }

    private async Task<List<Digest>> HeldAsync()
    {
        var held = new List<Digest>();
        await foreach (var info in _store.ListAsync(Cancel))
        {
            held.Add(info.Digest);
        }

        return held;
    }
}
