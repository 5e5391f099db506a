using System.Globalization;
using Microsoft.AspNetCore.Http;
using Pier.Content;
using Pier.Registry.Endpoints;

namespace Pier.Registry.Bodies;

/// <summary>Status and headers of a blob's answer: whole, one range, or nothing new.</summary>
internal static class BlobHead
{
    /// <summary>Sets them.</summary>
    /// <returns>The part to send, or null when there is no body.</returns>
    public static ByteRange? Set(HttpContext context, Digest digest, long length)
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
