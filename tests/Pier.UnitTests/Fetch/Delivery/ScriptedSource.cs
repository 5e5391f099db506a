using Pier.Content.Contracts;

namespace Pier.UnitTests.Fetch.Delivery;

/// <summary>A source that does what a test tells it: refuses, delivers up to a byte, stops there, breaks, or lies.</summary>
internal sealed class ScriptedSource(SourceKind kind, byte[] content) : IContentSource
{
    private int _probes;
    private int _fetches;

    /// <inheritdoc/>
    public SourceKind Kind => kind;

    /// <summary>Thrown by the probe, unless it is null.</summary>
    public Func<ContentException?>? Refusal { get; init; }

    /// <summary>Bytes after which it goes silent; all when null.</summary>
    public int? SilentAfter { get; init; }

    /// <summary>Completes when it may end after it was told to.</summary>
    public Task MayEnd { get; init; } = Task.CompletedTask;

    /// <summary>Bytes after which it breaks.</summary>
    public int? BreaksAfter { get; init; }

    /// <summary>Completes when the source may answer the probe.</summary>
    public Task Ready { get; init; } = Task.CompletedTask;

    /// <summary>Completes when it may deliver.</summary>
    public Task MayDeliver { get; init; } = Task.CompletedTask;

    /// <summary>Bytes after which it waits, and for what.</summary>
    public (int After, Task For)? Pause { get; init; }

    /// <summary>Length it tells; the content's when null.</summary>
    public long? TellsSize { get; init; }

    /// <summary>Whether its bytes may be shown before the seal.</summary>
    public SourceTrust Trust { get; init; } = SourceTrust.AtOnce;

    /// <summary>Bytes that it delivers at once.</summary>
    public int BlockSize { get; init; } = 1000;

    public int Probes => Volatile.Read(ref _probes);

    public int Fetches => Volatile.Read(ref _fetches);

    /// <summary>Whether a fetch was ended before it was done.</summary>
    public bool IsCancelled { get; private set; }

    /// <summary>Where the first write of the last fetch began.</summary>
    public long StartedAt { get; private set; } = -1;

    public async ValueTask<ContentOffer?> ProbeAsync(BlobRequest request, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _probes);
        await Ready.WaitAsync(cancellationToken);
        return Refusal?.Invoke() is { } refusal
            ? throw refusal
            : new ContentOffer(kind.ToString(), request, TellsSize ?? content.Length, Trust);
    }

    public async Task FetchAsync(ContentOffer offer, IContentSink sink, CancellationToken cancellationToken)
    {
        try
        {
            await DeliverAsync(offer, sink, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            IsCancelled = true;
            throw;
        }
        finally
        {
            await MayEnd;
        }
    }

    private async Task DeliverAsync(ContentOffer offer, IContentSink sink, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _fetches);
        await MayDeliver.WaitAsync(cancellationToken);
        var sent = 0;
        while (sink.NextMissing(sink.Wanted, BlockSize) is { } range)
        {
            StartedAt = sent == 0 ? range.Offset : StartedAt;
            if (sent >= Pause?.After)
            {
                await Pause.Value.For.WaitAsync(cancellationToken);
            }
            if (sent >= BreaksAfter)
            {
                throw new ContentUnavailableException($"broke after {sent} bytes");
            }
            if (sent >= SilentAfter)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            }
            await sink.WriteAsync(range.Offset, content.AsMemory((int)range.Offset, (int)range.Length), offer.Trust, kind, cancellationToken);
            sent += (int)range.Length;
        }
    }
}
