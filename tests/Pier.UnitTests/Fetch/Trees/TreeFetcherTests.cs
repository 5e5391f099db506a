using Microsoft.Extensions.Logging.Abstractions;
using Pier.Content.Contracts;
using Pier.Content.Uris;
using Pier.Fetch;
using Pier.Fetch.Trees;
using Pier.TestKit.Time;
using Pier.TestKit.Trees;

namespace Pier.UnitTests.Fetch.Trees;

/// <summary>Trees come from the first of their sources that has one, and a silent one does not stand in the way of the next.</summary>
public sealed class TreeFetcherTests
{
    private const string Magnet = "magnet:?xt=urn:btih:0123456789012345678901234567890123456789";

    private readonly ManualTimeProvider _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_silent_source_is_given_up_for_the_next()
    {
        var silent = new Handler(uri => uri is MagnetUri, async token =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, _time, token);
            throw new InvalidOperationException("never");
        });
        var opening = Fetcher(silent, Has(uri => uri is WebUri)).OpenAsync(Request(Magnet, "https://example.org/a.bin"), Token).AsTask();
        opening.IsCompleted.ShouldBeFalse();
        _time.Advance(new FetchOptions { AccessFolder = "x" }.BodyPatience);

        (await opening).Arrival.Source.ShouldBe("handler");
    }

    [Fact]
    public async Task The_last_source_is_waited_for_until_the_caller_gives_up()
    {
        var silent = new Handler(_ => true, async token =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, _time, token);
            throw new InvalidOperationException("never");
        });
        using var caller = new CancellationTokenSource();
        var opening = Fetcher(silent).OpenAsync(Request(Magnet), caller.Token).AsTask();
        _time.Advance(TimeSpan.FromDays(1));
        opening.IsCompleted.ShouldBeFalse();
        await caller.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => opening);
    }

    [Fact]
    public async Task Every_failure_is_told()
    {
        var refusing = new Handler(uri => uri is MagnetUri, _ => throw new ContentNotFoundException("gone"));
        var failure = await Should.ThrowAsync<ContentUnavailableException>(async () => await Fetcher(refusing).OpenAsync(Request(Magnet, "https://example.org/a.bin"), Token));
        failure.Message.ShouldBe("gone https://example.org/a.bin: this node has no source for it.");
        (await Should.ThrowAsync<ContentNotFoundException>(async () => await Fetcher(refusing).OpenAsync(Request(Magnet), Token))).Message.ShouldBe("gone");
    }

    private static Handler Has(Func<ContentUri, bool> handles) => new(handles, _ => Task.FromResult<IArrivingTree>(new Arrived()));

    private static TreeRequest Request(params string[] uris) => new(ContentUri.ParseAll(uris), "/nowhere");

    private TreeFetcher Fetcher(params ITreeHandler[] handlers) =>
        new(handlers, new FetchOptions { AccessFolder = "x" }, _time, NullLogger<TreeFetcher>.Instance);

    private sealed class Handler(Func<ContentUri, bool> handles, Func<CancellationToken, Task<IArrivingTree>> open) : ITreeHandler
    {
        public bool Handles(ContentUri uri) => handles(uri);

        public ValueTask<IArrivingTree> OpenAsync(ContentUri uri, TreeRequest request, CancellationToken cancellationToken) => new(open(cancellationToken));
    }

    private sealed class Arrived : IArrivingTree
    {
        public IContentTree Tree { get; } = new MemoryTree([new("a", [1])]);

        public string? Folder => null;

        public TreeArrival Arrival => new(1, 2, 1, 0, "handler");

        public Task WantAsync(string? pattern, CancellationToken cancellationToken) => Task.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
