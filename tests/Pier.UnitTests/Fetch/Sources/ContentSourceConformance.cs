using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;

namespace Pier.UnitTests.Fetch.Sources;

/// <summary>What every <see cref="IContentSource"/> does; each source has an heir that sets up the place behind it.</summary>
public abstract class ContentSourceConformance : IAsyncLifetime
{
    private const int Size = 600_000;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected byte[] Content { get; } = MakeContent();

    protected Digest Digest => Digest.Compute(Content);

    protected BlobRequest Request => new(Digest, new RepositoryName("registry.test", "team/app"), Size);

    /// <summary>What kind the source says it is.</summary>
    protected abstract SourceKind Kind { get; }

    public virtual ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task It_says_what_it_is() => (await OpenAsync()).Kind.ShouldBe(Kind);

    [Fact]
    public async Task Its_offer_tells_the_size_and_moves_no_content()
    {
        var offer = (await (await OpenAsync()).ProbeAsync(Request, Token)).ShouldNotBeNull();

        await using var held = offer as IAsyncDisposable;
        offer.Size.ShouldBe(Size);
        offer.Request.ShouldBe(Request);
        offer.Source.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task It_fills_an_empty_sink()
    {
        var sink = new MemorySink(Size);

        await DeliverAsync(await OpenAsync(), sink);

        sink.Bytes.SequenceEqual(Content).ShouldBeTrue();
        sink.Origins.ShouldAllBe(origin => origin.Kind == Kind && origin.Trust == SourceTrust.AtOnce);
    }

    [Fact]
    public async Task It_fills_what_is_missing()
    {
        var sink = new MemorySink(Size);
        sink.Fill(100_000, Content.AsSpan(100_000, 300_000));

        await DeliverAsync(await OpenAsync(), sink);

        sink.Bytes.SequenceEqual(Content).ShouldBeTrue();
    }

    [Fact]
    public async Task It_has_nothing_to_do_for_a_full_sink()
    {
        var sink = new MemorySink(Size);
        sink.Fill(0, Content);

        await DeliverAsync(await OpenAsync(), sink);

        sink.NextMissing(0, 1).ShouldBeNull();
    }

    [Fact]
    public async Task It_ends_when_it_is_told_to()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var sink = new MemorySink(Size) { Written = _ => stop.Cancel() };
        var source = await OpenAsync();
        var offer = (await source.ProbeAsync(Request, Token)).ShouldNotBeNull();
        await using var held = offer as IAsyncDisposable;

        try
        {
            await source.FetchAsync(offer, sink, stop.Token);
        }
        catch (OperationCanceledException)
        {
            stop.IsCancellationRequested.ShouldBeTrue();
        }
    }

    [Fact]
    public async Task A_blob_that_is_not_there_is_no_offer_or_a_content_exception()
    {
        var source = await OpenAsync(holds: false);
        try
        {
            if (await source.ProbeAsync(Request, Token) is { } offer)
            {
                await using var held = offer as IAsyncDisposable;
                await source.FetchAsync(offer, new MemorySink(Size), Token);
                Assert.Fail("delivered what is not there");
            }
        }
        catch (ContentException failure)
        {
            failure.Message.ShouldNotBeEmpty();
        }
    }

    /// <summary>A source over a place that holds the blob, or does not.</summary>
    private protected abstract ValueTask<IContentSource> OpenAsync(bool holds = true);

    private async Task DeliverAsync(IContentSource source, MemorySink sink)
    {
        var offer = (await source.ProbeAsync(Request, Token)).ShouldNotBeNull();
        await using var held = offer as IAsyncDisposable;
        await source.FetchAsync(offer, sink, Token);
    }

    private static byte[] MakeContent()
    {
        var bytes = new byte[Size];
        new Random(11).NextBytes(bytes);
        return bytes;
    }
}
