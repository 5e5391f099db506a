using System.IO.Pipelines;

namespace Pier.BitTorrent.Transports;

/// <summary>
/// One end of a connection within this process: a source of pieces that is no peer sits at the other end and is treated as
/// one. Both ends hold back a writer whose bytes are not read.
/// </summary>
internal sealed class PipedStream : DuplexStream
{
    private readonly PipeReader _input;
    private readonly PipeWriter _output;
    private readonly Stream _read;

    private PipedStream(PipeReader input, PipeWriter output)
    {
        _input = input;
        _output = output;
        _read = input.AsStream(leaveOpen: true);
    }

    /// <summary>Makes both ends.</summary>
    /// <param name="window">Bytes that may lie unread each way.</param>
    public static (PipedStream Ours, PipedStream Theirs) Create(int window)
    {
        var options = new PipeOptions(pauseWriterThreshold: window, resumeWriterThreshold: window / 2, useSynchronizationContext: false);
        var (inwards, outwards) = (new Pipe(options), new Pipe(options));
        return (new PipedStream(inwards.Reader, outwards.Writer), new PipedStream(outwards.Reader, inwards.Writer));
    }

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _read.ReadAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if ((await _output.WriteAsync(buffer, cancellationToken)).IsCompleted)
        {
            throw new IOException("the other end is closed");
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        // A read that is pending sees the end; the other end sees it with its next read or write.
        _input.CancelPendingRead();
        await _output.CompleteAsync();
        await _input.CompleteAsync();
    }
}
