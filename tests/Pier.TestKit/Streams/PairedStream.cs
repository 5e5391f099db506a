using System.IO.Pipelines;

namespace Pier.TestKit.Streams;

/// <summary>One end of <see cref="PairedStreams"/>: reads from one pipe, writes to the other, and reports a closed peer as a socket would.</summary>
internal sealed class PairedStream(PipeReader input, PipeWriter output) : Stream
{
    private string? _broken;
    private int _disposed;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException("A connection has no length.");

    public override long Position
    {
        get => throw new NotSupportedException("A connection has no position.");
        set => throw new NotSupportedException("A connection has no position.");
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ThrowIfUnusable();
        if (buffer.IsEmpty)
        {
            return 0;
        }
        var result = await input.ReadAsync(cancellationToken).ConfigureAwait(false);
        ThrowIfUnusable();
        var take = (int)Math.Min(result.Buffer.Length, buffer.Length);
        var slice = result.Buffer.Slice(0, take);
        foreach (var segment in slice)
        {
            segment.Span.CopyTo(buffer.Span);
            buffer = buffer[segment.Length..];
        }
        input.AdvanceTo(slice.End);
        return take;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ThrowIfUnusable();
        var result = await output.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        ThrowIfUnusable();
        if (result.IsCompleted)
        {
            throw new IOException("The other end of the connection is closed.");
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("Read asynchronously: a blocked thread would hide a deadlock from the test.");

    public override void Write(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("Write asynchronously: a blocked thread would hide a deadlock from the test.");

    public override void Flush()
    {
        // Writes are handed over at once, nothing is held back.
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("A connection cannot seek.");

    public override void SetLength(long value) => throw new NotSupportedException("A connection has no length.");

    internal void Break(string reason)
    {
        _broken = reason;
        input.CancelPendingRead();
        output.CancelPendingFlush();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            // A read that is still pending must see the end first: completing the reader under it is not allowed.
            input.CancelPendingRead();
            output.Complete();
            input.Complete();
        }
        base.Dispose(disposing);
    }

    private void ThrowIfUnusable()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        if (Volatile.Read(ref _broken) is { } reason)
        {
            throw new IOException(reason);
        }
    }
}
