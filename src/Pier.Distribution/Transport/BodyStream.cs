using System.Net.Http;
using Microsoft.Extensions.Logging;
using Pier.Distribution.Errors;

namespace Pier.Distribution.Transport;

/// <summary>
/// The body of an answer, guarded: it must keep moving, and it must have the length that was announced, no less and
/// no more. Failures come as content exceptions that name the upstream. Reads go straight into the caller's buffer.
/// </summary>
internal sealed class BodyStream : Stream
{
    private readonly HttpResponseMessage _response;
    private readonly Stream _body;
    private readonly string _what;
    private readonly long? _length;
    private readonly TimeSpan _stallTimeout;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop;
    private readonly ITimer _stall;
    private long _received;
    private bool _stalled;

    /// <summary>Guards a body.</summary>
    /// <param name="response">Owned: disposed with the stream.</param>
    /// <param name="body">Its content stream.</param>
    /// <param name="what">Names upstream and resource in messages.</param>
    /// <param name="length">Bytes that must come, or null when unknown.</param>
    /// <param name="stallTimeout">Longest time without a byte.</param>
    /// <param name="time">Clock of the stall rule.</param>
    /// <param name="logger">Told of stalls.</param>
    public BodyStream(HttpResponseMessage response, Stream body, string what, long? length, TimeSpan stallTimeout, TimeProvider time, ILogger logger)
    {
        _response = response;
        _body = body;
        _what = what;
        _length = length;
        _stallTimeout = stallTimeout;
        _logger = logger;
        _stop = new CancellationTokenSource();
        _stall = time.CreateTimer(static state => ((BodyStream)state!).Stall(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => _length ?? throw new NotSupportedException("The length of this body is not known.");

    /// <inheritdoc/>
    public override long Position
    {
        get => _received;
        set => throw new NotSupportedException("The body of an answer cannot be sought.");
    }

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty || _received == _length)
        {
            return ValueTask.FromResult(0);
        }

        // What lies beyond the announced end is not read: it cannot be the content.
        var wanted = _length is { } length && length - _received < buffer.Length ? buffer[..(int)(length - _received)] : buffer;
        return ReadGuardedAsync(wanted, cancellationToken);
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("Read the body asynchronously.");

    /// <inheritdoc/>
    public override void Flush()
    {
        // Nothing is ever written.
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("The body of an answer cannot be sought.");

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException("The body of an answer cannot be changed.");

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("The body of an answer cannot be changed.");

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stall.Dispose();
            _body.Dispose();
            _response.Dispose();
            _stop.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask<int> ReadGuardedAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            var pending = _body.ReadAsync(buffer, _stop.Token);
            var read = pending.IsCompletedSuccessfully ? pending.Result : await WaitAsync(pending, cancellationToken);
            return Count(read);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && _stalled)
        {
            _logger.Stalled(_what, _stallTimeout.TotalSeconds, _received);
            throw UpstreamErrors.ToContent(new UpstreamException(
                UpstreamFailure.Stalled, $"{_what}: no byte for {_stallTimeout.TotalSeconds:0.#} s after {_received} bytes."));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (Exception broken) when (broken is HttpRequestException or HttpIOException or IOException { InnerException: System.Net.Sockets.SocketException })
        {
            throw UpstreamErrors.ToContent(UpstreamErrors.FromBody(_what, _received, broken));
        }
    }

    /// <summary>Waits for a read that did not complete at once; only then do clock and caller's token matter.</summary>
    private async ValueTask<int> WaitAsync(ValueTask<int> pending, CancellationToken cancellationToken)
    {
        using var _ = cancellationToken.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), _stop);
        _stall.Change(_stallTimeout, Timeout.InfiniteTimeSpan);
        try
        {
            return await pending;
        }
        finally
        {
            _stall.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    private int Count(int read)
    {
        if (read == 0 && _length is { } length && _received < length)
        {
            throw UpstreamErrors.ToContent(new UpstreamException(
                UpstreamFailure.Truncated, $"{_what}: the body ended after {_received} of {length} bytes."));
        }

        _received += read;
        return read;
    }

    private void Stall()
    {
        _stalled = true;
        _stop.Cancel();
    }
}
