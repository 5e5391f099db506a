using Pier.Api.Cache;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Daemon.Control;
using Pier.Daemon.Http;
using Pier.Daemon.Images;
using Pier.Store.Eviction;
using Pier.Store.Partial;

namespace Pier.Daemon.Cache;

/// <summary>What the store holds and for which images, each blob counted once.</summary>
internal sealed class CacheDesk(ImageCatalog images, IContentStore store, PartialBlobs partials, QuotaOptions quota, Evictor evictor)
{
    /// <summary>The whole store.</summary>
    public async Task<CacheReport> ReportAsync(CancellationToken cancellationToken)
    {
        var held = await HeldAsync(cancellationToken);
        var all = await images.ListAsync(cancellationToken);
        var users = Users(all);
        var list = all.Select(image => Describe(image.Name, image.Contents.Held.Keys, held, users)).ToArray();
        var loose = Describe("", held.Keys.Where(digest => !users.ContainsKey(digest)), held, users);
        var evicted = evictor.Evicted;
        return new CacheReport(
            held.Values.Count(blob => !blob.IsBorrowed), held.Values.Where(blob => !blob.IsBorrowed).Sum(blob => blob.Size), partials.Open.Sum(blob => blob.Present) + partials.Leftovers().Sum(part => part.Present),
            held.Values.Where(blob => blob.Pinned).Sum(blob => blob.Size), quota.FreeBytes(), quota.Bytes, quota.KeepFree, evicted.Blobs, evicted.Bytes, list, loose);
    }

    /// <summary>The blobs of an image, or one blob.</summary>
    /// <exception cref="ControlException">There is no such image or blob.</exception>
    public async Task<CachedParts> ShowAsync(string name, CancellationToken cancellationToken)
    {
        var held = await HeldAsync(cancellationToken);
        var users = Users(await images.ListAsync(cancellationToken));
        if (ContentNames.Blob(name) is { } digest)
        {
            return await store.StatAsync(digest, cancellationToken) is { } blob
                ? new CachedParts(digest.ToString(), [Describe(blob, users)])
                : throw ControlException.NotFound($"There is no blob {digest} here.", "See 'pier cache ls'.");
        }
        var image = await images.FindAsync(ContentNames.Image(name), cancellationToken);
        return new CachedParts(image.Name, [.. image.Contents.Held.Keys.Select(part => held.GetValueOrDefault(part)).OfType<BlobInfo>().Select(part => Describe(part, users))]);
    }

    /// <summary>Every blob held, by its SHA-256 name.</summary>
    private async Task<Dictionary<Digest, BlobInfo>> HeldAsync(CancellationToken cancellationToken)
    {
        var held = new Dictionary<Digest, BlobInfo>();
        await foreach (var blob in store.ListAsync(cancellationToken))
        {
            held[blob.Sha256] = blob;
        }
        return held;
    }

    private static Dictionary<Digest, List<string>> Users(IEnumerable<CatalogImage> all)
    {
        var users = new Dictionary<Digest, List<string>>();
        foreach (var image in all)
        {
            foreach (var digest in image.Contents.Held.Keys)
            {
                if (!users.TryGetValue(digest, out var names))
                {
                    users[digest] = names = [];
                }
                names.Add(image.Name);
            }
        }
        return users;
    }

    private static CachedImage Describe(string name, IEnumerable<Digest> digests, Dictionary<Digest, BlobInfo> held, Dictionary<Digest, List<string>> users)
    {
        var blobs = digests.Select(digest => held.GetValueOrDefault(digest)).OfType<BlobInfo>().ToArray();
        return new CachedImage(
            name, blobs.Length, blobs.Sum(blob => blob.Size),
            blobs.Where(blob => users.GetValueOrDefault(blob.Sha256) is not { Count: > 1 }).Sum(blob => blob.Size),
            blobs.Length == 0 ? null : blobs.Max(blob => blob.LastUsed), blobs.Length > 0 && blobs.All(blob => blob.Pinned));
    }

    private static CachedBlob Describe(BlobInfo blob, Dictionary<Digest, List<string>> users) =>
        new(blob.Digest.ToString(), blob.Size, blob.LastUsed, blob.Pinned, users.GetValueOrDefault(blob.Sha256) ?? []);
}
