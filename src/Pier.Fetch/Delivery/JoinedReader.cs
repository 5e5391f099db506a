using Pier.Content;
using Pier.Content.Contracts;

namespace Pier.Fetch.Delivery;

/// <summary>
/// A part in a fetch: gets what the asker's own repository sends it. Once bytes may come for somebody else it gets them only while
/// it may have the blob, judged anew whenever the fetch goes on to another source; else none before the whole is there, nor then
/// without a right.
/// </summary>
/// <param name="reader">What arrives.</param>
/// <param name="fetch">The fetch.</param>
/// <param name="asker">Who reads; null for one to whom no fetch is its own.</param>
/// <param name="judge">Says whether it may have the blob.</param>
internal sealed class JoinedReader(IContentReader reader, BlobFetch fetch, Asker? asker, Func<CancellationToken, ValueTask<bool>> judge) : IContentReader
{
    private volatile bool _isShown;
    private volatile int _judged = -1;

    /// <inheritdoc/>
    public Digest Digest => reader.Digest;

    /// <inheritdoc/>
    public long Length => reader.Length;

    /// <inheritdoc/>
    public bool IsSealed => reader.IsSealed;

    private bool IsFree => _isShown || _judged == fetch.Demand.Version || (asker is not null && fetch.Demand.IsFor(asker));

    /// <inheritdoc/>
    public ValueTask<int> ReadAtAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var reading = reader.ReadAtAsync(offset, buffer, cancellationToken);
        // Asked after the read: the fetch may have gone on to another repository meanwhile.
        return reading.IsCompletedSuccessfully && IsFree ? reading : JudgeAsync(reading, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => reader.DisposeAsync();

    /// <summary>Judges before the first read: false when the asker gets nothing before the whole is here.</summary>
    public async ValueTask<bool> MayReadAsync(CancellationToken cancellationToken) => IsFree || await IsJudgedAsync(cancellationToken);

    private async ValueTask<int> JudgeAsync(ValueTask<int> reading, CancellationToken cancellationToken)
    {
        var read = await reading;
        if (!IsFree)
        {
            await ShowAsync(cancellationToken);
        }
        return read;
    }

    private async ValueTask<bool> IsJudgedAsync(CancellationToken cancellationToken)
    {
        // Taken first: what comes while the judge thinks is judged by the next read.
        var version = fetch.Demand.Version;
        if (!await judge(cancellationToken))
        {
            return false;
        }
        _judged = version;
        return true;
    }

    private async Task ShowAsync(CancellationToken cancellationToken)
    {
        if (await IsJudgedAsync(cancellationToken))
        {
            return;
        }
        await fetch.Ended.WaitAsync(cancellationToken);
        if (fetch.Failure is { } failure)
        {
            throw new ContentUnavailableException($"The fetch of {Digest} that others began failed: {failure.Message}", failure);
        }
        _isShown = await judge(cancellationToken)
            ? true
            : throw new ContentDeniedException($"{Digest} came here for others, and {asker?.Repository} does not give access to it.");
    }
}
