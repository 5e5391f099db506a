using Pier.Api.Images;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Daemon.Http;
using Pier.Fetch;
using Pier.Registry.Local;
using Pier.Store.Repositories;

namespace Pier.Daemon.Images;

/// <summary>Takes images and blobs out of the store, and out of their swarms.</summary>
internal sealed class Removal(ImageCatalog images, LocalImages local, LocalRepositories repositories, IContentStore store, DeliveryService delivery)
{
    /// <summary>Forgets a tag and removes the blobs that no other image has.</summary>
    /// <exception cref="ContentInUseException">The image is pinned.</exception>
    public async Task<RemoveAnswer> RemoveImageAsync(ImageReference reference, CancellationToken cancellationToken)
    {
        var image = await images.FindAsync(reference, cancellationToken);
        if (await store.StatAsync(image.Record.Digest, cancellationToken) is { Pinned: true })
        {
            throw new ContentInUseException($"{image.Name} is pinned. Unpin it first: pier unpin {image.Name}");
        }
        var own = await images.OwnBlobsAsync(image, pinned: false, cancellationToken);
        images.Forget(image);
        await local.ForgetAsync(image.Repository, image.Record.Digest, cancellationToken);
        var removed = new RemoveAnswer(image.Name, 0, 0);
        foreach (var digest in own)
        {
            try
            {
                if (await TryRemoveAsync(digest, cancellationToken) is { } size)
                {
                    removed = removed with { Blobs = removed.Blobs + 1, Bytes = removed.Bytes + size };
                }
            }
            catch (ContentInUseException)
            {
                // Pinned by itself, or a client is reading it: it stays, and the answer does not count it.
            }
        }
        return removed;
    }

    /// <summary>Removes one blob.</summary>
    /// <exception cref="ContentInUseException">It is pinned or leased.</exception>
    public async Task<RemoveAnswer> RemoveBlobAsync(Digest digest, CancellationToken cancellationToken)
    {
        if (repositories.HoldersOf(digest) is [var holder, ..])
        {
            throw ControlException.Conflict(
                $"{digest} belongs to this node's own repository {holder.Path}, and nobody else may have it.", $"Remove the image that needs it: pier rm {holder.Path}:TAG");
        }
        return await TryRemoveAsync(digest, cancellationToken) is { } size
            ? new RemoveAnswer(digest.ToString(), 1, size)
            : throw ControlException.NotFound($"There is no blob {digest} here.", "See 'pier blobs'.");
    }

    private async Task<long?> TryRemoveAsync(Digest digest, CancellationToken cancellationToken)
    {
        if (await store.StatAsync(digest, cancellationToken) is not { } blob || !await store.RemoveAsync(digest, cancellationToken))
        {
            return null;
        }
        await delivery.ForgetAsync(blob.Sha256);
        return blob.Size;
    }
}
