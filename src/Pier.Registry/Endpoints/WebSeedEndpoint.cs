using Microsoft.AspNetCore.Http;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Registry.Bodies;

namespace Pier.Registry.Endpoints;

/// <summary>
/// Sealed blobs by the name of their torrent (BEP 19): what is here and public, whole or one range. Nothing is fetched for who
/// asks, and a private blob looks like one that is not here.
/// </summary>
internal sealed class WebSeedEndpoint(IContentStore store, IAccessPolicy policy)
{
    public async Task AnswerAsync(HttpContext context, string name)
    {
        var cancellationToken = context.RequestAborted;
        await using var reader = Digest.TryParse($"sha256:{name}", out var digest)
            && await policy.MayServeAsync(digest, under: null, Door.WebSeed, cancellationToken)
                ? await store.OpenAsync(digest, cancellationToken)
                : null;
        if (reader is null)
        {
            throw new ContentNotFoundException($"There is no blob '{name}' to seed here.");
        }

        var part = BlobHead.Set(context, digest, reader.Length);
        if (part is { Length: > 0 } && HttpMethods.IsGet(context.Request.Method))
        {
            await BlobBody.SendAsync(context.Response, reader, part.Value, cancellationToken);
        }
    }
}
