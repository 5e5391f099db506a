using Pier.Content.Contracts;
using Pier.Fetch.Ladder;
using Pier.Fetch.Upstreams;
using Pier.Membership.Client;

namespace Pier.Fetch.Sources;

/// <summary>Asks members, then the upstream, how long a blob is.</summary>
internal sealed class SourceSizes(INodeClient members, IUpstream upstream, FetchOptions options) : IBlobSizes
{
    /// <inheritdoc/>
    public async ValueTask<long?> FindAsync(BlobRequest request, CancellationToken cancellationToken)
    {
        await foreach (var holding in members.WhoHasAsync(new BlobName(request.Digest, request.Origin), options.HedgeDelay, cancellationToken))
        {
            return holding.Holding.Size;
        }
        return request.Origin is { } origin ? await upstream.SizeOfAsync(origin, request.Digest, cancellationToken) : null;
    }
}
