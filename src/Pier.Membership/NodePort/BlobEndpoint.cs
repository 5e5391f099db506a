using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Membership.Wire;

namespace Pier.Membership.NodePort;

/// <summary>
/// Sends ranges of sealed and arriving blobs. Of an arriving one it sends what is readable and waits for more; when
/// its fetch fails, the connection is broken off, so that the follower knows at once (design §3.5).
/// </summary>
internal sealed class BlobEndpoint(INodeContent content, MembershipOptions options, ILogger<BlobEndpoint> logger) : IDisposable
{
    private const int ChunkBytes = 64 * 1024;

    private readonly SemaphoreSlim streams = new(options.MaxStreams);

    /// <summary>Adds the route.</summary>
    public void Map(IEndpointRouteBuilder routes) => routes.MapGet(NodeRoutes.Blobs + "{digest}", SendAsync);

    /// <inheritdoc/>
    public void Dispose() => streams.Dispose();

    private async Task SendAsync(HttpContext context)
    {
        var name = context.RouteName();
        if (!await streams.WaitAsync(TimeSpan.Zero, context.RequestAborted))
        {
            context.End(StatusCodes.Status503ServiceUnavailable);
            return;
        }

        try
        {
            await using var reader = await content.OpenAsync(name, context.RequestAborted);
            if (reader is null)
            {
                context.End(StatusCodes.Status404NotFound);
            }
            else if (RangeOf(context.Request, reader.Length) is { } range)
            {
                await SendAsync(context, reader, range);
            }
            else
            {
                context.Response.Headers.ContentRange = $"bytes */{reader.Length}";
                context.End(StatusCodes.Status416RangeNotSatisfiable);
            }
        }
        finally
        {
            streams.Release();
        }
    }

    private async Task SendAsync(HttpContext context, IContentReader reader, ByteRange range)
    {
        var response = context.Response;
        response.ContentType = "application/octet-stream";
        response.ContentLength = range.Length;
        if (range.Length > 0)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = $"bytes {range.Offset}-{range.End - 1}/{reader.Length}";
        }

        // Headers go out before the first byte is readable: a follower learns the size at once.
        var body = response.BodyWriter;
        await body.FlushAsync(context.RequestAborted);
        var at = range.Offset;
        try
        {
            while (at < range.End)
            {
                var chunk = body.GetMemory(ChunkBytes);
                var read = await reader.ReadAtAsync(at, chunk[..(int)Math.Min(chunk.Length, range.End - at)], context.RequestAborted);
                if (read == 0)
                {
                    throw new ContentMismatchException($"{reader.Digest} ends at {at} of {reader.Length} bytes.");
                }

                at += read;
                body.Advance(read);
                await body.FlushAsync(context.RequestAborted);
            }
        }
        catch (ContentException cause)
        {
            logger.StreamBroken(reader.Digest, at, reader.Length, cause);
            context.Abort();
        }
    }

    /// <summary>The one range asked for, cut at the end; the whole without a header; null when it lies outside.</summary>
    private static ByteRange? RangeOf(HttpRequest request, long length)
    {
        var header = request.Headers.Range.ToString();
        if (header.Length == 0 || length == 0)
        {
            return new ByteRange(0, length);
        }

        if (!RangeHeaderValue.TryParse(header, out var parsed) || parsed.Unit != "bytes" || parsed.Ranges.Count != 1
            || parsed.Ranges.First() is not { From: { } from } range)
        {
            throw new BadHttpRequestException("Range must be bytes=FIRST- or bytes=FIRST-LAST.");
        }

        var end = Math.Min(range.To is { } to && to < length ? to + 1 : length, length);
        return from < end ? new ByteRange(from, end - from) : null;
    }
}
