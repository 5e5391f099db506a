using System.IO.Pipelines;

namespace Pier.TestKit.Streams;

/// <summary>The two ends of one in-memory connection: what one writes the other reads, with back pressure as on a socket.</summary>
public sealed class PairedStreams : IAsyncDisposable
{
    private readonly PairedStream _left;
    private readonly PairedStream _right;

    private PairedStreams(PairedStream left, PairedStream right)
    {
        _left = left;
        _right = right;
    }

    /// <summary>One end.</summary>
    public Stream Left => _left;

    /// <summary>The other end.</summary>
    public Stream Right => _right;

    /// <summary>Makes a connected pair; a writer waits once <paramref name="windowBytes"/> bytes lie unread.</summary>
    public static PairedStreams Create(int windowBytes = 64 * 1024)
    {
        var options = new PipeOptions(
            pauseWriterThreshold: windowBytes,
            resumeWriterThreshold: Math.Max(1, windowBytes / 2),
            useSynchronizationContext: false);
        var rightward = new Pipe(options);
        var leftward = new Pipe(options);
        return new PairedStreams(
            new PairedStream(leftward.Reader, rightward.Writer),
            new PairedStream(rightward.Reader, leftward.Writer));
    }

    /// <summary>Breaks the connection as a reset does: pending and later reads and writes on both ends throw <see cref="IOException"/>.</summary>
    public void Break(string reason = "connection reset by the test")
    {
        _left.Break(reason);
        _right.Break(reason);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _left.DisposeAsync();
        await _right.DisposeAsync();
    }
}
