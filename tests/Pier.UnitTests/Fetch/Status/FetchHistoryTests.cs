using Pier.Content;
using Pier.Content.Contracts;
using Pier.Fetch.Delivery;
using Pier.Fetch.Ladder;
using Pier.Fetch.Status;
using Pier.TestKit.Files;
using Pier.TestKit.Logging;
using Pier.TestKit.Time;
using Pier.UnitTests.Fetch.Delivery;

namespace Pier.UnitTests.Fetch.Status;

/// <summary>How blobs came is remembered by source, the cache included, and over restarts.</summary>
public sealed class FetchHistoryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_the_store_gives_counts_as_cache_beside_where_the_blob_came_from()
    {
        await using var harness = new DeliveryHarness();
        await ArriveAsync(harness);
        harness.History.Find(harness.Digest)!.Sources.ShouldBe(new SourceBytes(0, 0, 0, 0, harness.Content.Length));

        await ReadAsync(harness, 0, harness.Content.Length);
        await ReadAsync(harness, 1000, 10);

        var cached = harness.Content.Length + 10;
        harness.History.Find(harness.Digest)!.Sources.ShouldBe(new SourceBytes(cached, 0, 0, 0, harness.Content.Length));
        harness.History.Total.Cache.ShouldBe(cached);
        harness.History.Last.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_reader_that_takes_nothing_counts_nothing()
    {
        await using var harness = new DeliveryHarness();
        await ArriveAsync(harness);
        await (await harness.Fetcher.OpenAsync(harness.Request, Token)).DisposeAsync();
        harness.History.Total.Cache.ShouldBe(0);
    }

    [Fact]
    public async Task A_restart_keeps_the_breakdown_and_starts_the_totals_anew()
    {
        await using var folder = TempFolder.Create("history");
        var path = folder.Below("history.json");
        var before = new FetchHistory();
        var first = Digest.Compute([1]);
        await using (var file = File(path, before))
        {
            file.Start();
            before.CountCached(new BlobRequest(first, new("registry.test", "library/thing")), size: 100, bytes: 60, DateTimeOffset.UnixEpoch);
        }

        var after = new FetchHistory();
        await using (var file = File(path, after))
        {
            file.Start();
            var known = after.Find(first).ShouldNotBeNull();
            (known.Sources.Cache, known.Size, known.State, known.Origin?.Registry).ShouldBe((60, 100, FetchState.Sealed, "registry.test"));
            after.Total.ShouldBe(SourceBytes.None);
        }
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("""{"version":9,"blobs":[]}""")]
    [InlineData("""{"version":1,"blobs":[null,{"digest":"sha256:nonsense"},{}]}""")]
    public async Task A_damaged_document_is_no_reason_not_to_start(string text)
    {
        await using var folder = TempFolder.Create("history");
        await System.IO.File.WriteAllTextAsync(folder.Below("history.json"), text, Token);
        var history = new FetchHistory();
        await using var file = File(folder.Below("history.json"), history);
        file.Start();
        history.Last.ShouldBeEmpty();
    }

    [Fact]
    public void The_oldest_are_forgotten_first_and_each_blob_counts_once()
    {
        var history = new FetchHistory();
        for (var number = 0; number < 600; number++)
        {
            history.CountCached(new BlobRequest(Digest.Compute(BitConverter.GetBytes(number))), 1, 1, DateTimeOffset.UnixEpoch);
        }

        history.CountCached(new BlobRequest(Digest.Compute(BitConverter.GetBytes(599))), 1, 1, DateTimeOffset.UnixEpoch);
        history.Last.Count.ShouldBe(512);
        history.Find(Digest.Compute(BitConverter.GetBytes(87))).ShouldBeNull();
        history.Find(Digest.Compute(BitConverter.GetBytes(88))).ShouldNotBeNull();
        history.Find(Digest.Compute(BitConverter.GetBytes(599)))!.Sources.Cache.ShouldBe(2);
        history.Total.Cache.ShouldBe(601);
    }

    private static async Task ArriveAsync(DeliveryHarness harness)
    {
        harness.Finder.Upstreams.Enqueue(new Candidate("upstream registry.test", harness.Good(SourceKind.Upstream)));
        await harness.WhileTimePassesAsync(harness.Fetcher.CompleteAsync(harness.Request, Token));
        await harness.PassUntilAsync(() => harness.History.Ends.Sealed == 1);
    }

    private static HistoryFile File(string path, FetchHistory history) =>
        new(path, history, new ManualTimeProvider(), new CollectedLogs().CreateLogger<HistoryFile>());

    private static async Task<int> ReadAsync(DeliveryHarness harness, long offset, int count)
    {
        await using var reader = await harness.Fetcher.OpenAsync(harness.Request, Token);
        var buffer = new byte[count];
        var done = 0;
        while (done < count && await reader.ReadAtAsync(offset + done, buffer.AsMemory(done), Token) is > 0 and var read)
        {
            done += read;
        }

        buffer.ShouldBe(harness.Content.AsSpan((int)offset, count).ToArray());
        return done;
    }
}
