using Pier.Content;
using Pier.Content.Contracts;
using Pier.Fetch.Ladder;
using Pier.Fetch.Seeding;
using Pier.Fetch.Sources;
using Pier.Fetch.Status;
using Pier.Store.Partial;

namespace Pier.Fetch.Delivery;

/// <summary>
/// The one fetch of a digest, however many clients ask (design §3.4): fills a partial blob by climbing the ladder,
/// seals it, and starts again elsewhere when the bytes were not what their name says.
/// </summary>
internal sealed class BlobFetch : IDisposable
{
    private readonly FetchParts _parts;
    private readonly SemaphoreSlim _opening = new(1, 1);
    private readonly TaskCompletionSource<long> _accepted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile PartialBlob? _blob;
    private volatile Climb? _climb;
    private bool _resumed;

    public BlobFetch(BlobRequest request, FetchParts parts)
    {
        _parts = parts;
        Demand = new FetchDemand(request);
        Torrent = new TorrentInProgress(parts);
        StartedAt = parts.Time.GetUtcNow();
    }

    /// <summary>The blob.</summary>
    public Digest Digest => Request.Digest;

    /// <summary>What is asked of sources now: the repository in use, and the size once known.</summary>
    public BlobRequest Request => Demand.Errand.Request;

    /// <summary>Who waits for it, and in whose name it is asked for.</summary>
    public FetchDemand Demand { get; }

    /// <summary>When the first client asked.</summary>
    public DateTimeOffset StartedAt { get; }

    /// <summary>How long ago that was.</summary>
    public TimeSpan Age => _parts.Time.GetUtcNow() - StartedAt;

    /// <summary>How far it is.</summary>
    public FetchState State { get; private set; } = FetchState.Asking;

    /// <summary>Length in bytes, once a source has accepted; faults when none does.</summary>
    public Task<long> Accepted => _accepted.Task;

    /// <summary>True once a source has accepted.</summary>
    public bool IsAccepted => _accepted.Task.IsCompletedSuccessfully;

    /// <summary>Completes when the blob is sealed or cannot be had; <see cref="Failure"/> tells which. Never faults.</summary>
    public Task Ended => _ended.Task;

    /// <summary>True once the blob stands in the store.</summary>
    public bool IsSealed { get; private set; }

    /// <summary>True when no byte is missing.</summary>
    public bool IsGathered => _blob is { IsComplete: true };

    /// <summary>True when a repository was named under which an upstream can be asked.</summary>
    public bool HasOrigin => Request.Origin is not null;

    /// <summary>The bytes so far; null before a source has accepted, and when the store held the blob all along.</summary>
    public PartialBlob? Blob => _blob;

    /// <summary>The blob's torrent as far as it is hashed.</summary>
    public TorrentInProgress Torrent { get; }

    /// <summary>Bytes on disk.</summary>
    public long Arrived => IsSealed ? Request.Size ?? 0 : _blob?.Present ?? 0;

    /// <summary>Sources at work now.</summary>
    public IEnumerable<Leg> Legs => _climb?.Legs ?? [];

    /// <summary>Bytes on disk by where they came from.</summary>
    public SourceBytes Sources => _blob is { } blob ? SourceBytes.Of(blob) : SourceBytes.None;

    /// <summary>Turns that are given back with the seal.</summary>
    public HeldTurns Turns { get; } = new();

    /// <summary>Why it failed; null unless it did.</summary>
    public ContentException? Failure { get; private set; }

    /// <summary>Clients, followers and commands that wait for bytes.</summary>
    public int Interested => Demand.Interested;

    /// <summary>A source accepts: its size is held against what is known, and the partial blob opened.</summary>
    /// <exception cref="ContentMismatchException">It says another size than the one known.</exception>
    public async ValueTask<PartialBlob> AcceptAsync(ContentOffer offer, CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken);
        try
        {
            if (Request.Size is { } known && known != offer.Size)
            {
                throw new ContentMismatchException($"says that {Digest} has {offer.Size} bytes; it has {known}");
            }
            if (_blob is { } left && left.Length != offer.Size)
            {
                // An earlier run or a stranger told another size than this source, the first to be believed now.
                _blob = null;
                await left.DisposeAsync();
                await Torrent.EndAsync();
            }
            if (_blob is null)
            {
                _blob = await _parts.Partials.OpenAsync(Digest, offer.Size, cancellationToken);
                Resume(_blob);
            }
            Demand.Renew();
            Torrent.Begin(_blob);
            // A stranger's size is a claim like its bytes: clients hear of it once the whole is proved.
            if (!IsAccepted && (offer.Trust == SourceTrust.AtOnce || Request.Size is not null))
            {
                Demand.SetSize(offer.Size);
                State = FetchState.Arriving;
                _accepted.TrySetResult(offer.Size);
            }
            return _blob;
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <summary>Opens a reader on what arrives; null once the store holds the blob.</summary>
    public IContentReader? TryOpenReader(FetchPriority priority)
    {
        try
        {
            return IsSealed ? null : _blob?.OpenReader(priority);
        }
        catch (ObjectDisposedException)
        {
            // Sealed, or stopped, a moment ago.
            return null;
        }
    }

    /// <summary>Runs to the seal or to a failure, which every reader is told. Never throws.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await _parts.Store.StatAsync(Digest, cancellationToken) is { } held)
            {
                Demand.Mix();
                Seal(held);
                return;
            }
            await ReopenAsync(cancellationToken);
            for (var attempts = new SealAttempts(); !IsSealed;)
            {
                await using var climb = new Climb(this, _parts);
                _climb = climb;
                await climb.RunAsync(cancellationToken);
                await SealAsync(climb, attempts.Count(climb.Contributors), cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Fail(new ContentUnavailableException($"The fetch of {Digest} was stopped; what has arrived is kept and resumed by the next request."));
        }
        catch (ContentException failure)
        {
            LogMessages.FetchFailed(_parts.Logger, Digest, failure.Message);
            Fail(failure);
        }
        catch (Exception failure)
        {
            LogMessages.FetchFaulted(_parts.Logger, failure, Digest);
            Fail(new ContentUnavailableException($"The fetch of {Digest} failed unexpectedly: {failure.Message}", failure));
        }
        finally
        {
            _climb = null;
            await Turns.ReleaseAsync(IsSealed);
            await Torrent.EndAsync();
            await CloseAsync();
            _ended.TrySetResult();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _opening.Dispose();

    /// <summary>Opens what an earlier run left, so that the first source is asked for the rest only.</summary>
    private async ValueTask ReopenAsync(CancellationToken cancellationToken)
    {
        if (_parts.Partials.Stat(Digest) is { Present: > 0 } left && (Request.Size is null || Request.Size == left.Size))
        {
            _blob = await _parts.Partials.OpenAsync(Digest, left.Size, cancellationToken);
            Resume(_blob);
        }
    }

    /// <summary>From whom and for whom bytes came that an earlier run left is not known any more.</summary>
    private void Resume(PartialBlob left)
    {
        if (_resumed = left.Present > 0)
        {
            Demand.Mix();
        }
    }

    /// <summary>
    /// Step 7: the digest is checked. A mismatch drops the bytes, ends the readers that were shown some, bans the
    /// tellers, and the climb begins again for the others.
    /// </summary>
    private async ValueTask SealAsync(Climb climb, bool mayGoOn, CancellationToken cancellationToken)
    {
        State = FetchState.Sealing;
        try
        {
            var info = await _blob!.SealAsync(cancellationToken);
            foreach (var proving in climb.Contributors.Select(contributor => contributor.Source).OfType<IProvingSource>())
            {
                await proving.SealedAsync(Digest, cancellationToken);
            }

            Seal(info);
        }
        catch (ContentMismatchException mismatch) when (mayGoOn)
        {
            await (_parts.Provisional?.DropAsync(Digest) ?? Task.CompletedTask);
            await Torrent.EndAsync();
            LogMessages.Mismatch(
                _parts.Logger, Digest, string.Join(", ", climb.Contributors.Select(contributor => contributor.Name)), mismatch.Message);
            // The tellers of bytes that an earlier run left are not known any more: nobody is blamed for those.
            if (!_resumed)
            {
                _parts.Bans.Blame(Digest, climb.Contributors);
            }
            _resumed = false;
            State = FetchState.Arriving;
        }
    }

    private void Seal(BlobInfo info)
    {
        IsSealed = true;
        State = FetchState.Sealed;
        Demand.SetSize(info.Size);
        _accepted.TrySetResult(info.Size);
        _parts.Sealed.Add(info, this);
    }

    /// <summary>Keeps what has arrived for the next time, unless the disk refused: then it makes room for blobs that fit.</summary>
    private async ValueTask CloseAsync()
    {
        if (_blob is not { } blob)
        {
            return;
        }
        try
        {
            await (Failure is ContentStorageException ? blob.DiscardAsync() : blob.DisposeAsync());
        }
        catch (ContentStorageException failure)
        {
            LogMessages.FetchFailed(_parts.Logger, Digest, failure.Message);
        }
    }

    private void Fail(ContentException failure)
    {
        Failure = failure;
        State = FetchState.Failed;
        _accepted.TrySetException(failure);
        // Nobody may be waiting for the answer any more.
        _ = _accepted.Task.Exception;
        _blob?.Fail(failure);
    }
}
