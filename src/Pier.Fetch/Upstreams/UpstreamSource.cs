using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Distribution;
using Pier.Distribution.Credentials;
using Pier.Fetch.Policy;
using Pier.Fetch.Sources;
using Pier.Store.Partial;

namespace Pier.Fetch.Upstreams;

/// <summary>
/// The registry that the image names. Its acceptance is the answer to the blob's GET itself, so that a cold layer
/// costs one request and its first bytes are already on the way when the client is told the size.
/// </summary>
/// <param name="upstream">The registries.</param>
/// <param name="repository">Where the blob is asked for.</param>
/// <param name="partials">Knows what is here of it.</param>
/// <param name="proofs">Hears that the repository has the blob, and is public when it was had without credentials; null for nobody.</param>
internal sealed class UpstreamSource(IUpstream upstream, RepositoryName repository, PartialBlobs partials, IBlobProofs? proofs = null) : IContentSource, IProvingSource
{
    private readonly CallerLogin? _login = CallerLogin.Current;
    private volatile bool _wasAnonymous;

    /// <inheritdoc/>
    public SourceKind Kind => SourceKind.Upstream;

    /// <inheritdoc/>
    public async ValueTask<ContentOffer?> ProbeAsync(BlobRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        // A fetch that changes source goes on where the client waits.
        var start = partials.Find(request.Digest) is { } blob ? blob.NextMissing(blob.Wanted, 1)?.Offset ?? 0 : 0;
        var opened = await upstream.OpenBlobAsync(repository, request.Digest, start, cancellationToken);
        if (proofs is not null)
        {
            // The manifest may have come from a member, whose word does not prove that anybody may have it (design §4).
            _wasAnonymous = opened.WasAnonymous;
            await proofs.AnsweredAsync(repository, request.Digest, opened.WasAnonymous, cancellationToken);
        }
        return new Answer(repository.Registry, request, start, opened);
    }

    /// <inheritdoc/>
    public Task FetchAsync(ContentOffer offer, IContentSink sink, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(offer);
        return RangePump.RunAsync(
            (range, token) => OpenAsync(offer, range, token), sink, offer.Trust, Kind, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask SealedAsync(Digest digest, CancellationToken cancellationToken)
    {
        // Proved by whoever's login it was asked with, while others may have begun the fetch or gone on with it.
        CallerLogin.Current = _login;
        if (proofs is not null)
        {
            await proofs.ProveAsync(repository, digest, _wasAnonymous, cancellationToken);
        }
    }

    private async ValueTask<Stream> OpenAsync(ContentOffer offer, ByteRange range, CancellationToken cancellationToken)
    {
        if (offer is Answer answer && answer.Take(range.Offset) is { } first)
        {
            return first;
        }
        var opened = await upstream.OpenBlobAsync(repository, offer.Request.Digest, range.Offset, cancellationToken);
        return opened.Stream;
    }

    /// <summary>An offer that holds the opened body until it is read or refused.</summary>
    private sealed record Answer(string Source, BlobRequest Request, long Start, UpstreamBlob Opened)
        : ContentOffer(Source, Request, Opened.TotalSize, SourceTrust.AtOnce), IAsyncDisposable
    {
        private Stream? _body = Opened.Stream;

        /// <summary>Hands the body over, once, to whoever reads from where it starts.</summary>
        public Stream? Take(long offset) => offset == Start ? Interlocked.Exchange(ref _body, null) : null;

        public async ValueTask DisposeAsync()
        {
            if (Interlocked.Exchange(ref _body, null) is { } unread)
            {
                await unread.DisposeAsync();
            }
        }
    }
}
