using Microsoft.Extensions.Logging;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Fetch.Upstreams;

namespace Pier.Fetch.Policy;

/// <summary>
/// The one judge of who may have what (design §4): public blobs pass every door; private ones pass the node port, and
/// the registry only under a repository that names them and while loopback clients are served at all.
/// </summary>
internal sealed class AccessPolicy(AccessRecords records, IUpstream upstream, FetchOptions options, TimeProvider time, ILogger<AccessPolicy> log)
    : IAccessPolicy
{
    /// <inheritdoc/>
    public async ValueTask<bool> MayServeAsync(Digest digest, RepositoryName? under, Door door, CancellationToken cancellationToken) => door switch
    {
        Door.NodePort => true,
        Door.WebSeed => records.IsPublic(digest),
        Door.Swarm => options.Announce != AnnounceScope.Off && records.IsPublic(digest),
        _ => records.IsPublic(digest)
            || (options.PrivateLoopback == PrivateLoopback.Serve && await IsUnderAsync(digest, under, cancellationToken)),
    };

    /// <inheritdoc/>
    public ValueTask RecordAsync(
        RepositoryName repository, bool isPublic, IReadOnlyCollection<Digest> blobs, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(repository);
        ArgumentNullException.ThrowIfNull(blobs);
        try
        {
            records.Put(repository, isPublic, time.GetUtcNow(), blobs);
        }
        catch (ContentStorageException failure)
        {
            // Delivery goes on: after a restart these blobs are private until their manifest is asked for again.
            LogMessages.AccessNotKept(log, repository, failure.Message);
        }
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// A blob that no repository names yet is proved by fetching it under this one; a blob that only others name is
    /// proved by asking this one's upstream.
    /// </summary>
    private async ValueTask<bool> IsUnderAsync(Digest digest, RepositoryName? under, CancellationToken cancellationToken)
    {
        if (under is null || !records.IsNamed(digest) || records.IsNamedBy(under, digest))
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
        await RecordAsync(under, records.Find(under)?.IsPublic ?? false, [digest], cancellationToken);
        return true;
    }
}
