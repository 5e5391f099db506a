using Pier.Membership.Members;

namespace Pier.Membership.Client;

/// <summary>
/// A range of a blob as it comes from a member. Reads fail with <see cref="MemberException"/> when the member
/// breaks off or stalls; an end before <see cref="RangeLength"/> bytes is always such a failure.
/// </summary>
public sealed class MemberStream : Stream
{
    private readonly Member member;
    private readonly HttpResponseMessage response;
    private readonly Stream body;
    private readonly TimeSpan firstByte;
    private readonly LongWaits waits;
    private readonly CancellationTokenSource stall;
    private long left;

    internal MemberStream(
        Member member, HttpResponseMessage response, Stream body, long blobLength, long rangeLength, TimeSpan firstByte, LongWaits waits)
    {
        this.member = member;
        this.response = response;
        this.body = body;
        this.firstByte = firstByte;
        this.waits = waits;
        BlobLength = blobLength;
        RangeLength = rangeLength;
        left = rangeLength;
        stall = new CancellationTokenSource(Timeout.InfiniteTimeSpan, waits.Clock);
    }

    /// <summary>Length of the whole blob in bytes, by the member's word.</summary>
    public long BlobLength { get; }

    /// <summary>Bytes that this stream brings in all.</summary>
    public long RangeLength { get; }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException("A stream from a member cannot seek; RangeLength tells what it brings.");

    /// <inheritdoc/>
    public override long Position
    {
        get => RangeLength - left;
        set => throw new NotSupportedException("A stream from a member cannot seek; open another range.");
    }

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty || left == 0)
        {
            return new(0);
        }

        // One that is followed may know the size, and answer, long before it has its upstream's first byte.
        return Position == 0
            ? new(waits.ForAsync(member, firstByte, token => ReadAsync(buffer, firstByte, token).AsTask(), cancellationToken))
            : ReadAsync(buffer, waits.StallAfter, cancellationToken);
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("A stream from a member is read asynchronously.");

    /// <inheritdoc/>
    public override void Flush() => throw new NotSupportedException("A stream from a member is read only.");

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) =>
        throw new NotSupportedException("A stream from a member cannot seek; open another range.");

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException("A stream from a member is read only.");

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("A stream from a member is read only.");

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            body.Dispose();
            response.Dispose();
            stall.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask<int> ReadAsync(Memory<byte> buffer, TimeSpan patience, CancellationToken cancellationToken)
    {
        int read;
        stall.CancelAfter(patience);
        try
        {
            using var caller = cancellationToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), stall);
            read = await body.ReadAsync(buffer, stall.Token);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (OperationCanceledException cause)
        {
            throw new MemberException(member, MemberFailure.Stalled, $"the stream brought no byte for {patience.TotalSeconds:0.#} s at {Position} of {RangeLength}.", cause);
        }
        catch (Exception cause) when (cause is IOException or HttpRequestException)
        {
            throw new MemberException(member, MemberFailure.Broken, $"the stream broke at {Position} of {RangeLength} bytes.", cause);
        }

        stall.CancelAfter(Timeout.InfiniteTimeSpan);
        if (read == 0)
        {
            throw new MemberException(member, MemberFailure.Broken, $"the stream ended at {Position} of {RangeLength} bytes.");
        }

        left -= read;
        return read;
    }
}
