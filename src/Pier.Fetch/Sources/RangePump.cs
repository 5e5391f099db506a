using System.Buffers;
using Pier.Content;
using Pier.Content.Contracts;

namespace Pier.Fetch.Sources;

/// <summary>
/// Fills a sink from a place that serves ranges as streams: in order from the first missing byte at or after the
/// most urgent reader, moving when that reader moves away (design §3.5).
/// </summary>
internal static class RangePump
{
    /// <summary>Bytes already here are read over rather than skipped when fewer than this: a new request costs more.</summary>
    private const long SkipOver = 1 << 20;

    /// <summary>How far ahead of the stream a reader may wait before the stream moves to it.</summary>
    private const long ReaderReach = 8 << 20;

    /// <summary>Bytes a stream delivers before it may move, so that two readers far apart do not tear it to and fro.</summary>
    private const long LeastRun = 4 << 20;

    private const int BufferSize = 256 << 10;

    /// <summary>Opens the bytes of a range; the stream may end early, never late.</summary>
    public delegate ValueTask<Stream> OpenRange(ByteRange range, CancellationToken cancellationToken);

    /// <summary>Returns once nothing is missing.</summary>
    /// <exception cref="ContentUnavailableException">A stream ended without a byte.</exception>
    public static async Task RunAsync(
        OpenRange open, IContentSink sink, SourceTrust trust, SourceKind kind, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            while (sink.NextMissing(sink.Wanted, long.MaxValue) is { } range)
            {
                await using var stream = await open(range, cancellationToken);
                await CopyAsync(stream, range, sink, trust, kind, buffer, cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async ValueTask CopyAsync(
        Stream stream, ByteRange range, IContentSink sink, SourceTrust trust, SourceKind kind, byte[] buffer, CancellationToken cancellationToken)
    {
        for (var position = range.Offset; position < range.End && !ShouldMove(sink, range.Offset, position);)
        {
            var wanted = (int)Math.Min(buffer.Length, range.End - position);
            var read = await stream.ReadAsync(buffer.AsMemory(0, wanted), cancellationToken);
            if (read == 0)
            {
                if (position == range.Offset)
                {
                    throw new ContentUnavailableException($"it closed at byte {position} without sending any");
                }
                return;
            }
            await sink.WriteAsync(position, buffer.AsMemory(0, read), trust, kind, cancellationToken);
            position += read;
        }
    }

    private static bool ShouldMove(IContentSink sink, long start, long position)
    {
        if (sink.NextMissing(position, 1) is not { } next)
        {
            return true;
        }
        if (next.Offset < position || next.Offset - position > SkipOver)
        {
            return true;
        }
        return position - start >= LeastRun
            && sink.NextMissing(sink.Wanted, 1) is { } urgent
            && (urgent.Offset < position ? urgent.Offset >= sink.Wanted : urgent.Offset - position > ReaderReach);
    }
}
