using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Pier.Content;

namespace Pier.Registry.Endpoints;

/// <summary>The headers that blobs and manifests share; what goes by a digest never changes.</summary>
internal static class EntityHeaders
{
    public static string ETag(Digest digest) => $"\"{digest}\"";

    /// <summary>Names the content; true when the client has it already and 304 is the whole answer (RFC 9110 §13.1.2).</summary>
    public static bool Set(HttpContext context, Digest digest)
    {
        var headers = context.Response.Headers;
        headers["Docker-Content-Digest"] = digest.ToString();
        var etag = ETag(digest);
        headers.ETag = etag;
        if (context.Request.Headers.IfNoneMatch is not { Count: > 0 } known || !Names(known, etag))
        {
            return false;
        }

        context.Response.StatusCode = StatusCodes.Status304NotModified;
        return true;
    }

    private static bool Names(StringValues lines, string etag) => lines.Any(line =>
        line is not null && line.Split(',').Any(tag => tag.Trim() is "*" || tag.Trim() == etag || tag.Trim() == $"W/{etag}"));
}
