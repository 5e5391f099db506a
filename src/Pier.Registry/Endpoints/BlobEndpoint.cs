using Microsoft.AspNetCore.Http;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Distribution.Wire;
using Pier.Registry.Access;
using Pier.Registry.Bodies;
using Pier.Registry.Errors;

namespace Pier.Registry.Endpoints;

/// <summary>HEAD and GET of blobs, whole or one range (OCI distribution-spec, "Pulling blobs").</summary>
internal sealed class BlobEndpoint(IContentFetcher fetcher, IAccessPolicy policy, AccessGate gate, IPrefetch prefetch)
{
    public async Task AnswerAsync(HttpContext context, RepositoryName repository, string reference)
    {
        if (!Digest.TryParse(reference, out var digest))
        {
            throw new RegistryRefusal(400, ErrorCodes.DigestInvalid,
                $"'{reference}' is no digest: expected sha256: and 64, or sha512: and 128, lower-case hex digits.");
        }

        var cancellationToken = context.RequestAborted;
        if (!await policy.MayServeAsync(digest, repository, gate.DoorOf(context), cancellationToken))
        {
            throw new RegistryRefusal(403, ErrorCodes.Denied, $"{digest} is private, and {repository} does not give access to it.");
        }

        var request = new BlobRequest(digest, repository) { IsFromClient = true };
        if (HttpMethods.IsHead(context.Request.Method))
        {
            var size = await fetcher.StatAsync(request, cancellationToken)
                ?? throw new ContentNotFoundException($"{repository} has no blob {digest}.");
            BlobHead.Set(context, digest, size);
            return;
        }

        // Who asks for parts knows which it wants.
        using var taken = context.Request.Headers.Range.Count == 0 ? prefetch.Take(repository, digest) : null;
        await using var reader = await fetcher.OpenAsync(request, cancellationToken);
        if (BlobHead.Set(context, digest, reader.Length) is { Length: > 0 } part)
        {
            await BlobBody.SendAsync(context.Response, reader, part, cancellationToken);
        }
    }
}
