using System.Globalization;
using Microsoft.AspNetCore.Http;
using Pier.Distribution.Wire;
using Pier.Registry.Errors;

namespace Pier.Registry.Local;

/// <summary>Which bytes of the blob a chunk says to be (OCI distribution-spec, "Pushing a blob in chunks").</summary>
/// <param name="Start">First byte.</param>
/// <param name="Length">Bytes.</param>
internal readonly record struct ChunkRange(long Start, long Length)
{
    /// <summary>What a request's <c>Content-Range</c> says: <c>A-B</c>, both included; null when there is none, which means: the next bytes.</summary>
    /// <exception cref="RegistryRefusal">It is malformed, or another length than the body's.</exception>
    public static ChunkRange? Of(HttpRequest request)
    {
        var header = request.Headers.ContentRange;
        if (header.Count == 0)
        {
            return null;
        }

        var text = header.ToString();
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        if (dash < 0 || !TryNumber(text.AsSpan(0, dash), out var start) || !TryNumber(text.AsSpan(dash + 1), out var end) || end < start || end == long.MaxValue)
        {
            throw new RegistryRefusal(400, ErrorCodes.BlobUploadInvalid,
                $"Content-Range '{text}' is no range of a chunk: expected the first and the last byte, as in 0-1023.");
        }

        var range = new ChunkRange(start, end - start + 1);
        return request.ContentLength is { } length && length != range.Length
            ? throw new RegistryRefusal(400, ErrorCodes.SizeInvalid, $"Content-Range says {range.Length} bytes, Content-Length {length}.")
            : range;
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
