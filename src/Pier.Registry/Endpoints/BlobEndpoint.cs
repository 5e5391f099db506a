using System.Globalization;
using Microsoft.AspNetCore.Http;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Distribution.Wire;
using Pier.Registry.Bodies;
using Pier.Registry.Errors;

namespace Pier.Registry.Endpoints;

/// <summary>HEAD and GET of blobs, whole or one range (OCI distribution-spec, "Pulling blobs").</summary>
internal sealed class BlobEndpoint(IContentFetcher fetcher, IAccessPolicy policy)
{
    public async Task AnswerAsync(HttpContext context, RepositoryName repository, string reference)
    {
        if (!Digest.TryParse(reference, out var digest))
        {
            throw new RegistryRefusal(400, ErrorCodes.DigestInvalid,
                $"'{reference}' is no digest: expected sha256: and 64, or sha512: and 128, lower-case hex digits.");
        }

        var cancellationToken = context.RequestAborted;
        if (!await policy.MayServeAsync(digest, repository, Door.Registry, cancellationToken))
        {
            throw new RegistryRefusal(403, ErrorCodes.Denied, $"{digest} is private, and {repository} does not give access to it.");
        }

        var request = new BlobRequest(digest, repository);
        if (HttpMethods.IsHead(context.Request.Method))
        {
            var size = await fetcher.StatAsync(request, cancellationToken)
                ?? throw new ContentNotFoundException($"{repository} has no blob {digest}.");
            Describe(context, digest, size);
            return;
        }

        await using var reader = await fetcher.OpenAsync(request, cancellationToken);
        if (Describe(context, digest, reader.Length) is { Length: > 0 } part)
        {
            await BlobBody.SendAsync(context.Response, reader, part, cancellationToken);
        }
    }

    /// <summary>Sets status and headers; the part to send, or null when there is no body.</summary>
    private static ByteRange? Describe(HttpContext context, Digest digest, long length)
    {
        var response = context.Response;
        response.Headers.AcceptRanges = "bytes";
        if (EntityHeaders.Set(context, digest))
        {
            return null;
        }

        response.ContentType = "application/octet-stream";
        var range = RequestedRange.Of(context.Request, length, EntityHeaders.ETag(digest));
        if (!range.IsSatisfiable)
        {
            response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
            response.Headers.ContentRange = $"bytes */{length.ToString(CultureInfo.InvariantCulture)}";
            response.ContentLength = 0;
            return null;
        }

        var part = range.Part ?? new ByteRange(0, length);
        response.ContentLength = part.Length;
        if (range.Part is not null)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {part.Offset}-{part.End - 1}/{length}");
        }

        return part;
    }
}
