using System.Buffers;
using System.Net;

namespace Pier.Distribution.Transport;

/// <summary>Reads answers about blobs.</summary>
internal static class BlobAnswer
{
    private const int SkipBuffer = 256 * 1024;

    /// <summary>The head as its headers tell it, or null when they do not and the blob must be opened.</summary>
    public static BlobHead? Head(EndpointAnswer answer)
    {
        using var response = answer.Response;
        AnswerChecks.RefuseHtml(answer);
        return response.IsSuccessStatusCode && response.Content.Headers.ContentLength is { } size
            ? new BlobHead(size, answer.WasAnonymous)
            : null;
    }

    /// <summary>The open blob at the wanted offset, whether the server honoured the range (206) or ignored it (200).</summary>
    public static async Task<UpstreamBlob> OpenAsync(Requester requester, EndpointAnswer answer, long offset, long? length, CancellationToken cancellationToken)
    {
        AnswerChecks.RefuseHtml(answer);
        var headers = answer.Response.Content.Headers;
        if (headers.ContentEncoding.Any(encoding => !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase)))
        {
            throw AnswerChecks.Bad(answer, "the blob came with a Content-Encoding that nobody asked for");
        }

        return answer.Response.StatusCode == HttpStatusCode.PartialContent
            ? await OpenPartAsync(requester, answer, offset, length, cancellationToken)
            : await OpenWholeAsync(requester, answer, offset, length, cancellationToken);
    }

    private static async Task<UpstreamBlob> OpenPartAsync(Requester requester, EndpointAnswer answer, long offset, long? length, CancellationToken cancellationToken)
    {
        var range = answer.Response.Content.Headers.ContentRange;
        if (range is not { Unit: "bytes", From: { } from, To: { } to } || from != offset || (length is { } wanted && to - from >= wanted))
        {
            throw AnswerChecks.Bad(answer, $"asked for bytes from {offset}, got '{range}'");
        }

        // RFC 9110 §14.4 allows '*' for the total; an open-ended range then ends where the blob ends.
        var total = range.Length ?? (length is null ? to + 1 : throw AnswerChecks.Bad(answer, "the range does not say how long the blob is"));
        var body = await requester.OpenBodyAsync(answer.Response, answer.What, to - from + 1, cancellationToken);
        return new UpstreamBlob(body, offset, total, answer.WasAnonymous);
    }

    private static async Task<UpstreamBlob> OpenWholeAsync(Requester requester, EndpointAnswer answer, long offset, long? length, CancellationToken cancellationToken)
    {
        var total = answer.Response.Content.Headers.ContentLength ?? throw AnswerChecks.Bad(answer, "the answer does not say how long the blob is");
        if (offset > total)
        {
            throw AnswerChecks.Bad(answer, $"the blob has {total} bytes, asked for bytes from {offset}");
        }

        var end = length is { } wanted ? Math.Min(total, offset + wanted) : total;
        var body = await requester.OpenBodyAsync(answer.Response, answer.What, end, cancellationToken);
        await SkipAsync(body, offset, cancellationToken);
        return new UpstreamBlob(body, offset, total, answer.WasAnonymous);
    }

    private static async Task SkipAsync(BodyStream body, long count, CancellationToken cancellationToken)
    {
        if (count == 0)
        {
            return;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(SkipBuffer);
        try
        {
            while (count > 0)
            {
                count -= await body.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, count)), cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
