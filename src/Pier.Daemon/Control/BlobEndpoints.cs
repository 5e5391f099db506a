using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Pier.Api;
using Pier.Api.Blobs;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Daemon.Http;
using Pier.Daemon.Images;
using Pier.Daemon.Nodes;
using Pier.Fetch.Status;
using Pier.Store.Swarms;

namespace Pier.Daemon.Control;

/// <summary><c>/v1/blobs</c> and <c>/v1/pins</c>.</summary>
internal static class BlobEndpoints
{
    /// <summary>Maps them.</summary>
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet(ApiPaths.Blobs, ListAsync);
        endpoints.MapDelete(ApiPaths.Blobs + "/{digest}", RemoveAsync);
        endpoints.MapPut(ApiPaths.Pins, (string? name, ImageCatalog images, IContentStore store, CancellationToken cancellationToken) =>
            PinAsync(name, images, store, pin: true, cancellationToken));
        endpoints.MapDelete(ApiPaths.Pins, (string? name, ImageCatalog images, IContentStore store, CancellationToken cancellationToken) =>
            PinAsync(name, images, store, pin: false, cancellationToken));
    }

    private static async Task<JsonHttpResult<BlobList>> ListAsync(
        IContentStore store, SwarmRecords swarms, Magnets magnets, DeliveryStatus deliveries, CancellationToken cancellationToken)
    {
        var blobs = new List<BlobSummary>();
        await foreach (var blob in store.ListAsync(cancellationToken))
        {
            var record = swarms.Find(blob.Sha256);
            var seeds = record is null ? [] : await magnets.WebSeedsAsync(blob.Sha256, cancellationToken);
            blobs.Add(new BlobSummary(
                blob.Digest.ToString(), blob.Size, blob.LastUsed, blob.Pinned,
                record is null ? null : magnets.Of(record, seeds),
                deliveries.Find(blob.Digest) is { } delivery ? StatusRecords.Sources(delivery.Sources) : null,
                record is null ? null : magnets.OfTwin(record, seeds)));
        }
        blobs.Sort((left, right) => string.CompareOrdinal(left.Digest, right.Digest));
        return TypedResults.Json(new BlobList(blobs), ApiJson.Default.BlobList);
    }

    private static async Task<JsonHttpResult<Pier.Api.Images.RemoveAnswer>> RemoveAsync(string digest, Removal removal, CancellationToken cancellationToken) =>
        TypedResults.Json(await removal.RemoveBlobAsync(Digest.Parse(digest), cancellationToken), ApiJson.Default.RemoveAnswer);

    private static async Task<JsonHttpResult<PinAnswer>> PinAsync(
        string? name, ImageCatalog images, IContentStore store, bool pin, CancellationToken cancellationToken)
    {
        if (ContentNames.Blob(name) is { } digest)
        {
            if (await store.StatAsync(digest, cancellationToken) is null)
            {
                throw ControlException.NotFound($"There is no blob {digest} here.", "See 'pier blobs'.");
            }
            var changed = pin ? await store.PinAsync(digest, cancellationToken) : await store.UnpinAsync(digest, cancellationToken);
            return Answer(digest.ToString(), changed ? 1 : 0, pin);
        }
        var image = await images.FindAsync(ContentNames.Image(name), cancellationToken);
        var count = 0;
        foreach (var blob in pin ? image.Contents.Held.Keys : await images.OwnBlobsAsync(image, pinned: true, cancellationToken))
        {
            count += (pin ? await store.PinAsync(blob, cancellationToken) : await store.UnpinAsync(blob, cancellationToken)) ? 1 : 0;
        }
        return Answer(image.Name, count, pin);
    }

    private static JsonHttpResult<PinAnswer> Answer(string name, int blobs, bool pinned) =>
        TypedResults.Json(new PinAnswer(name, blobs, pinned), ApiJson.Default.PinAnswer);
}
