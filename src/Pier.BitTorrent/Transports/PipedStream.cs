using System.IO.Pipelines;
using System.Runtime.CompilerServices;

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
    private volatile bool _isClosed;

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
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return await _read.ReadAsync(buffer, cancellationToken);
        }
        catch (InvalidOperationException late) when (_isClosed)
        {
            // A pipe takes it for a mistake; for whoever reads a connection it is one that was closed meanwhile.
            throw new ObjectDisposedException("The connection is closed.", late);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            if ((await _output.WriteAsync(buffer, cancellationToken)).IsCompleted)
            {
                throw new IOException("the other end is closed");
            }
        }
        catch (InvalidOperationException late) when (_isClosed)
        {
            throw new ObjectDisposedException("The connection is closed.", late);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        _isClosed = true;
        // A read that is pending sees the end; the other end sees it with its next read or write.
        _input.CancelPendingRead();
        await _output.CompleteAsync();
        await _input.CompleteAsync();
    }
}
