using Pier.Content.Contracts;
using Pier.Content.Uris;
using Pier.Fetch;
using Pier.Fetch.Policy;
using Pier.Fetch.Status;
using Pier.Fetch.Supplies;
using Pier.Fetch.Uris;
using Pier.Store.Tags;
using Pier.TestKit.Files;
using Pier.TestKit.Logging;
using Pier.TestKit.Stores;
using Pier.TestKit.Time;
using Pier.UnitTests.Fetch.Upstreams;

namespace Pier.UnitTests.Fetch.Supplies;

/// <summary>What is too large for builds is not fetched.</summary>
public sealed class SupplyCeilingTests : IAsyncLifetime, IProgress<PartProgress>
{
    private const long Limit = 1000;

    private readonly TempFolder _folder = TempFolder.Create("ceiling");
    private readonly CollectedLogs _logs = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _folder.DisposeAsync();
        _logs.Dispose();
    }

    void IProgress<PartProgress>.Report(PartProgress value)
    {
        // Whoever asks is told of nothing here.
    }

    [Theory]
    [InlineData(10L << 30, 0L, 0L)]
    [InlineData(0L, 600L, 600L)]
    [InlineData(0L, 1001L, 0L)]
    public async Task A_source_that_is_larger_is_ended_when_that_shows(long total, long first, long second)
    {
        var handler = new LargeHandler(total, first, second);
        var arriving = _folder.Below("arriving");

        var refused = await Should.ThrowAsync<ContentDeniedException>(() => Maker(handler).MakeAsync(Request, arriving, this, Cancel));

        refused.Message.ShouldBe("It is larger than the 1000 bytes that this node fetches for builds (supplyMaxBytes).");
        Directory.Exists(arriving).ShouldBeFalse("nothing of it stays");
    }

    [Fact]
    public async Task One_at_the_bound_comes()
    {
        var blob = (await Maker(new LargeHandler(Limit, 400, 600)).MakeAsync(Request, _folder.Below("arriving"), this, Cancel)).Blob;

        blob.Size.ShouldBe(3);
    }

    [Fact]
    public async Task What_a_failed_source_brought_does_not_count_against_the_next()
    {
        var request = new SupplyRequest(ContentUri.ParseAll(["large:broken", "large:x"]), []);

        var blob = (await Maker(new LargeHandler(0, 400, 600)).MakeAsync(request, _folder.Below("arriving"), this, Cancel)).Blob;

        blob.Size.ShouldBe(3);
    }

    private static SupplyRequest Request => new(ContentUri.ParseAll(["large:x"]), []);

    private SupplyMaker Maker(IUriHandler handler)
    {
        var options = new FetchOptions { AccessFolder = _folder.Below("access"), SupplyMaxBytes = Limit };
        var time = new ManualTimeProvider();
        return new SupplySetting(_folder, _logs, new MemoryContentStore(time), options, time).Maker(handler);
    }

    /// <summary>Tells of two parts and brings a file, unless it is ended meanwhile.</summary>
    private sealed class LargeHandler(long total, long first, long second) : IUriHandler
    {
        public bool Handles(ContentUri uri) => true;

        public async Task<Download> GetAsync(ContentUri uri, DownloadPlan plan, IProgress<PartProgress> progress, CancellationToken cancellationToken)
        {
            progress.Report(new PartProgress($"{uri}1", "one", PartState.Running, total, first, SourceBytes.None));
            progress.Report(new PartProgress($"{uri}2", "two", PartState.Running, 0, second, SourceBytes.None));
            cancellationToken.ThrowIfCancellationRequested();
            if ($"{uri}".EndsWith("broken", StringComparison.Ordinal))
            {
                throw new ContentUnavailableException("It broke off.");
            }

            await File.WriteAllTextAsync(Path.Combine(plan.Folder, "f"), "abc", cancellationToken);
            return new Download("f", IsSingleFile: true, [new DownloadedFile("f", 3, IsExecutable: false)], SourceBytes.None);
        }
    }
}
