using Microsoft.Extensions.Logging;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Fetch.Upstreams;

namespace Pier.Fetch.Policy;

/// <summary>
/// The one judge of who may have what (design §4): public blobs pass every door; private ones pass the node port and the
/// registry only under a repository that has them, and the registry only while loopback clients are served at all.
/// </summary>
internal sealed class AccessPolicy(
    AccessRecords records, IContentStore store, IUpstream upstream, FetchOptions options, TimeProvider time, ILogger<AccessPolicy> log)
    : IAccessPolicy, IBlobProofs
{
    /// <inheritdoc/>
    public async ValueTask<bool> MayServeAsync(Digest digest, RepositoryName? under, Door door, CancellationToken cancellationToken) => door switch
    {
        // A member that asks by digest alone does so for whoever steers it, not for its clients.
        Door.NodePort => under is null || !records.IsNamed(digest) || records.IsPublic(digest) || records.IsUnder(under, digest),
        Door.WebSeed => records.IsPublic(digest),
        Door.Swarm => records.IsPublic(digest) && AnnounceRules.ScopeOf(digest, records, options) != AnnounceScope.Off,
        _ => records.IsPublic(digest)
            || (options.PrivateLoopback == PrivateLoopback.Serve && await IsUnderAsync(digest, under, cancellationToken)),
    };

    /// <inheritdoc/>
    public ValueTask RecordAsync(
        RepositoryName repository, bool isPublic, IReadOnlyCollection<Digest> blobs, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(repository);
        ArgumentNullException.ThrowIfNull(blobs);
        Put(repository, isPublic, time.GetUtcNow(), blobs, isProof: false);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask NameAsync(RepositoryName repository, IReadOnlyCollection<Digest> blobs, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(repository);
        ArgumentNullException.ThrowIfNull(blobs);
        // The next answer of its upstream is not put off.
        var known = records.Find(repository) ?? new RepositoryAccess(IsPublic: false, DateTimeOffset.MinValue);
        Put(repository, known.IsPublic, known.CheckedAt, blobs, isProof: false);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask ProveAsync(RepositoryName repository, Digest blob, bool wasAnonymous, CancellationToken cancellationToken)
    {
        // Only an answer without credentials says anew who may have it; with them, the next such answer is not put off.
        var known = records.Find(repository) ?? new RepositoryAccess(IsPublic: false, DateTimeOffset.MinValue);
        Put(repository, wasAnonymous || known.IsPublic, wasAnonymous ? time.GetUtcNow() : known.CheckedAt, [blob], isProof: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// A blob that nobody names and that is not here is proved by fetching it under this repository; one that is here, or that
    /// only others are known to have, by asking this one's upstream.
    /// </summary>
    private async ValueTask<bool> IsUnderAsync(Digest digest, RepositoryName? under, CancellationToken cancellationToken)
    {
        if (under is null)
        {
            return false;
        }
        if (records.IsUnder(under, digest) || (!records.IsNamed(digest) && await store.StatAsync(digest, cancellationToken) is null))
        {
            return true;
        }

        try
        {
            if (await upstream.SizeOfAsync(under, digest, cancellationToken) is null)
            {
                return false;
            }
        }
        catch (ContentException failure)
        {
            LogMessages.AccessNotProved(log, digest, under, failure.Message);
            return false;
        }
        await ProveAsync(under, digest, wasAnonymous: false, cancellationToken);
        return true;
    }

    private void Put(RepositoryName repository, bool isPublic, DateTimeOffset checkedAt, IReadOnlyCollection<Digest> blobs, bool isProof)
    {
        try
        {
            records.Put(repository, isPublic, checkedAt, blobs, isProof);
        }
        catch (ContentStorageException failure)
        {
            // Delivery goes on: after a restart these blobs are private until their manifest is asked for again.
            LogMessages.AccessNotKept(log, repository, failure.Message);
        }
    }
}
