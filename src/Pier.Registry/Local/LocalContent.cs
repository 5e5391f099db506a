using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Registry.Access;
using Pier.Store.Repositories;

namespace Pier.Registry.Local;

/// <summary>
/// Brings content into the node's own repositories and takes it out again. Only bytes that came with the request, or that the
/// client may read already, get a repository's name: naming alone must never make a private blob public.
/// </summary>
internal sealed class LocalContent(LocalRepositories repositories, IContentStore store, IAccessPolicy policy, IContentSharing sharing, AccessRules rules)
{
    /// <summary>Keeps a blob that the client has proved to have.</summary>
    /// <param name="repository">Where it goes.</param>
    /// <param name="digest">Its name.</param>
    /// <param name="sha256">The SHA-256 name of the same bytes.</param>
    /// <param name="seal">Puts it into the store, once it is recorded whose it is.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ContentStorageException">The disk refused.</exception>
    public async ValueTask KeepBlobAsync(
        RepositoryName repository, Digest digest, Digest sha256, Func<BlobInfo> seal, CancellationToken cancellationToken)
    {
        using var lease = store.Lease([digest, sha256]);
        await RecordAsync(repository, digest, sha256, cancellationToken);
        var blob = seal();
        repositories.AddBlob(repository, digest);
        sharing.Offer(blob);
    }

    /// <summary>Gives a repository a blob that the store holds; false when it does not.</summary>
    public async ValueTask<bool> LinkBlobAsync(RepositoryName repository, Digest digest, CancellationToken cancellationToken)
    {
        using var lease = store.Lease([digest]);
        if (await store.StatAsync(digest, cancellationToken) is not { } held)
        {
            return false;
        }

        await RecordAsync(repository, digest, held.Sha256, cancellationToken);
        repositories.AddBlob(repository, digest);
        sharing.Offer(held);
        return true;
    }

    /// <summary>Keeps a manifest whose bytes are <paramref name="content"/>.</summary>
    /// <exception cref="ContentStorageException">The disk refused.</exception>
    public async ValueTask KeepManifestAsync(
        RepositoryName repository, Digest digest, LocalManifest manifest, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var sha256 = digest.Algorithm == DigestAlgorithm.Sha256 ? digest : Digest.Compute(content.Span);
        using var lease = store.Lease([digest, sha256]);
        await RecordAsync(repository, digest, sha256, cancellationToken);
        await using (var ingest = await store.IngestAsync(digest, content.Length, cancellationToken))
        {
            await ingest.WriteAsync(content, cancellationToken);
            await ingest.SealAsync(cancellationToken);
        }

        repositories.AddManifest(repository, digest, manifest);
    }

    /// <summary>Gives a repository a manifest that the store holds.</summary>
    public async ValueTask LinkManifestAsync(RepositoryName repository, Digest digest, LocalManifest manifest, CancellationToken cancellationToken)
    {
        await RecordAsync(repository, digest, digest, cancellationToken);
        repositories.AddManifest(repository, digest, manifest);
    }

    /// <summary>Takes a blob from a repository, and from the disk when nobody else here needs it; false when it was not there.</summary>
    public async ValueTask<bool> RemoveBlobAsync(RepositoryName repository, Digest digest, CancellationToken cancellationToken)
    {
        var removed = repositories.RemoveBlob(repository, digest);
        return removed && await DropAsync(digest, cancellationToken);
    }

    /// <summary>Takes a manifest from a repository, as <see cref="RemoveBlobAsync"/>.</summary>
    public async ValueTask<bool> RemoveManifestAsync(RepositoryName repository, Digest digest, CancellationToken cancellationToken)
    {
        var removed = repositories.RemoveManifest(repository, digest);
        return removed && await DropAsync(digest, cancellationToken);
    }

    /// <summary>Records of every repository whether it is public by the rules of today.</summary>
    public async ValueTask RecordAllAsync(CancellationToken cancellationToken)
    {
        foreach (var repository in repositories.Names())
        {
            await policy.RecordAsync(repository, rules.IsPublic(repository), [], cancellationToken);
        }
    }

    private async ValueTask<bool> DropAsync(Digest digest, CancellationToken cancellationToken)
    {
        try
        {
            // An open file outlives its removal: who is reading it now gets it whole.
            await store.RemoveAsync(digest, cancellationToken);
        }
        catch (ContentInUseException)
        {
            // Another repository has it, it is pinned, or it is just being pushed again.
        }

        return true;
    }

    private ValueTask RecordAsync(RepositoryName repository, Digest digest, Digest sha256, CancellationToken cancellationToken) =>
        policy.RecordAsync(repository, rules.IsPublic(repository), digest == sha256 ? [digest] : [digest, sha256], cancellationToken);
}
