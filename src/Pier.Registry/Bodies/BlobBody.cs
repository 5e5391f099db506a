using Microsoft.AspNetCore.Http;
using Pier.Content;
using Pier.Content.Contracts;

namespace Pier.Registry.Bodies;

/// <summary>
/// Sends a part of a blob (design §3.3, §3.6): reads straight into the response's own buffers, which was measured as the
/// fastest way, and flushes what it has before it waits for more.
/// </summary>
internal static class BlobBody
{
    private const int ReadSize = 256 << 10;

    /// <summary>Sends, and returns when all is handed over or the client has left.</summary>
    /// <exception cref="ContentException">No source can deliver the rest.</exception>
    public static async Task SendAsync(HttpResponse response, IContentReader reader, ByteRange part, CancellationToken cancellationToken)
    {
        var writer = response.BodyWriter;
        if (!reader.IsSealed)
        {
            // Headers now: the first byte may take a while, and clients give a silent mirror up after 30 s.
            await response.StartAsync(cancellationToken);
            await writer.FlushAsync(cancellationToken);
        }

        var offset = part.Offset;
        while (offset < part.End)
        {
            var buffer = writer.GetMemory(ReadSize);
            var wanted = (int)Math.Min(buffer.Length, part.End - offset);
            var count = await reader.ReadAtAsync(offset, buffer[..wanted], cancellationToken);
            if (count == 0)
            {
                throw new ContentUnavailableException($"{reader.Digest} ended at {offset} and should have {reader.Length} bytes.");
            }

            offset += count;
            writer.Advance(count);
            var flushed = await writer.FlushAsync(cancellationToken);
            if (flushed.IsCompleted)
            {
                return;
            }
        }
    }
}
