using Pier.Api.Cache;
using Pier.Api.Nodes;
using Pier.Api.Progress;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Content.References;
using Pier.Daemon.Control;
using Pier.Daemon.Images;
using Pier.Daemon.Progress;
using Pier.Fetch;
using Pier.Fetch.Status;
using Pier.Store.Blobs;

namespace Pier.Daemon.Cache;

/// <summary>Hashes blobs again; what is damaged is removed, and fetched anew from members, swarms or the upstream.</summary>
internal sealed class CacheCheck(
    FileContentStore store, ImageCatalog images, DeliveryService delivery, DeliveryStatus deliveries, IManifestFetcher manifests, TimeProvider clock)
{
    /// <summary>Looks at the named images and blobs, or at everything.</summary>
    public async Task<VerifyResult> RunAsync(VerifyRequest request, ProgressBoard board, CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        // Before anything is removed: afterwards a damaged manifest can no longer tell whose blobs are whose.
        var origins = await OriginsAsync(cancellationToken);
        var blobs = await ChosenAsync(request.Names ?? [], cancellationToken);
        var total = blobs.Sum(blob => blob.Size);
        var done = 0L;
        var damaged = new List<DamagedBlob>();
        Show(board, total, 0);
        foreach (var blob in blobs)
        {
            var isRight = await store.VerifyAsync(
                blob.Sha256,
                count =>
                {
                    done += count;
                    Show(board, total, done);
                },
                cancellationToken);
            if (isRight == false)
            {
                await delivery.ForgetAsync(blob.Sha256);
                damaged.Add(request.Heal
                    ? await HealAsync(blob, origins.GetValueOrDefault(blob.Sha256) ?? deliveries.Find(blob.Digest)?.Origin, cancellationToken)
                    : new DamagedBlob(blob.Digest.ToString(), Healed: false, "--no-heal"));
            }
        }
        board.Set(new ProgressItem("verify", "hashing", ProgressState.Done, total, total, SourceBytes0));
        return new VerifyResult(blobs.Count, total, damaged, clock.GetElapsedTime(start).TotalSeconds);
    }

    private static Api.Nodes.SourceBytes SourceBytes0 => Api.Nodes.SourceBytes.None;

    private static void Show(ProgressBoard board, long total, long done) =>
        board.Set(new ProgressItem("verify", "hashing", ProgressState.Running, total, done, SourceBytes0));

    private async Task<IReadOnlyList<BlobInfo>> ChosenAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        if (names.Count == 0)
        {
            return await store.ListAsync(cancellationToken).ToListAsync(cancellationToken);
        }
        var chosen = new Dictionary<Digest, BlobInfo>();
        foreach (var name in names)
        {
            IEnumerable<Digest> digests = ContentNames.Blob(name) is { } digest ? [digest] : (await images.FindAsync(ContentNames.Image(name), cancellationToken)).Contents.Held.Keys;
            foreach (var part in digests)
            {
                if (await store.StatAsync(part, cancellationToken) is { } blob)
                {
                    chosen[blob.Sha256] = blob;
                }
            }
        }
        return [.. chosen.Values];
    }

    private async Task<Dictionary<Digest, RepositoryName>> OriginsAsync(CancellationToken cancellationToken)
    {
        var origins = new Dictionary<Digest, RepositoryName>();
        foreach (var image in await images.ListAsync(cancellationToken))
        {
            foreach (var digest in image.Contents.Held.Keys)
            {
                origins.TryAdd(digest, image.Repository);
            }
        }
        return origins;
    }

    private async Task<DamagedBlob> HealAsync(BlobInfo blob, RepositoryName? origin, CancellationToken cancellationToken)
    {
        try
        {
            if (!await TryManifestAsync(blob, origin, cancellationToken))
            {
                // To its seal: bytes that arrive are read before anybody knows whether all of them are right.
                await delivery.FetchAsync(new BlobRequest(blob.Digest, origin, blob.Size, FetchPriority.Command), cancellationToken);
            }
            return new DamagedBlob(blob.Digest.ToString(), Healed: true, Problem: null);
        }
        catch (ContentException failure)
        {
            return new DamagedBlob(blob.Digest.ToString(), Healed: false, failure.Message);
        }
    }

    /// <summary>Upstreams have manifests under another path than blobs, and only the size hints at which one this is.</summary>
    private async Task<bool> TryManifestAsync(BlobInfo blob, RepositoryName? origin, CancellationToken cancellationToken)
    {
        if (origin is null || blob.Size > ManifestParser.MaxSize)
        {
            return false;
        }
        try
        {
            await manifests.ByDigestAsync(origin, blob.Digest, cancellationToken);
            return await store.StatAsync(blob.Digest, cancellationToken) is not null;
        }
        catch (ContentException)
        {
            return false;
        }
    }
}
