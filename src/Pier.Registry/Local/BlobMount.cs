using Microsoft.AspNetCore.Http;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Registry.Access;
using Pier.Registry.Routing;
using Pier.Store.Repositories;

namespace Pier.Registry.Local;

/// <summary>
/// Gives a repository a blob that another one has (OCI distribution-spec, "Mounting a blob from another repository"). The other one
/// may be a mirrored repository whose blob this node holds and may serve; nothing is fetched for it.
/// </summary>
internal sealed class BlobMount(LocalRepositories repositories, LocalContent content, IAccessPolicy policy, AccessGate gate)
{
    /// <summary>Mounts; false when the client has to upload the blob.</summary>
    /// <param name="context">The request.</param>
    /// <param name="target">Where the blob is to go.</param>
    /// <param name="digest">The blob.</param>
    /// <param name="from">The other repository; empty for any of the node's own.</param>
    public async ValueTask<bool> TryAsync(HttpContext context, RepositoryName target, Digest digest, string from)
    {
        var cancellationToken = context.RequestAborted;
        return await MayReadAsync(context, digest, from, cancellationToken) && await content.LinkBlobAsync(target, digest, cancellationToken);
    }

    private async ValueTask<bool> MayReadAsync(HttpContext context, Digest digest, string from, CancellationToken cancellationToken)
    {
        if (from.Length == 0)
        {
            return repositories.HoldersOf(digest).Any(holder => repositories.HasBlob(holder, digest) && gate.MayPull(context, holder));
        }

        var source = RepositoryChoice.Choose(from, ns: null);
        if (!gate.MayPull(context, source))
        {
            return false;
        }

        return LocalNames.IsLocal(source)
            ? repositories.HasBlob(source, digest)
            : await policy.MayServeAsync(digest, source, gate.DoorOf(context), cancellationToken);
    }
}
