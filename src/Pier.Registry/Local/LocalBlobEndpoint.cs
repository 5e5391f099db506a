using Microsoft.AspNetCore.Http;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Distribution.Wire;
using Pier.Registry.Bodies;
using Pier.Registry.Errors;
using Pier.Store.Repositories;

namespace Pier.Registry.Local;

/// <summary>HEAD, GET and DELETE of a repository's own blobs (OCI distribution-spec, "Pulling blobs", "Deleting Blobs").</summary>
internal sealed class LocalBlobEndpoint(LocalRepositories repositories, LocalContent content, IContentStore store)
{
    public async Task AnswerAsync(HttpContext context, LocalAddress address)
    {
        var digest = LocalAddress.ParseDigest(address.Path.Reference);
        var cancellationToken = context.RequestAborted;
        await using var reader = repositories.HasBlob(address.Repository, digest) ? await store.OpenAsync(digest, cancellationToken) : null;
        if (reader is null)
        {
            throw Unknown(address, digest);
        }

        var part = BlobHead.Set(context, digest, reader.Length);
        if (part is { Length: > 0 } && HttpMethods.IsGet(context.Request.Method))
        {
            await BlobBody.SendAsync(context.Response, reader, part.Value, cancellationToken);
        }
    }

    public async Task DeleteAsync(HttpContext context, LocalAddress address)
    {
        var digest = LocalAddress.ParseDigest(address.Path.Reference);
        if (!await content.RemoveBlobAsync(address.Repository, digest, context.RequestAborted))
        {
            throw Unknown(address, digest);
        }

        context.Response.StatusCode = StatusCodes.Status202Accepted;
        context.Response.Headers["Docker-Content-Digest"] = digest.ToString();
        context.Response.ContentLength = 0;
    }

    private static RegistryRefusal Unknown(LocalAddress address, Digest digest) =>
        new(404, ErrorCodes.BlobUnknown, $"{address.Repository.Path} has no blob {digest}.");
}
