using System.Threading.Channels;
using Pier.Content;
using Pier.Content.Contracts;

namespace Pier.UnitTests.Registry;

/// <summary>A reader whose bytes come when the test says so.</summary>
internal sealed class ArrivingReader(Digest digest, long length) : IContentReader
{
    private readonly Channel<byte[]> _arriving = Channel.CreateBounded<byte[]>(100);
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Digest Digest => digest;

    public long Length => length;

    public bool IsSealed => false;

    /// <summary>Done when the door waits for bytes that are not there.</summary>
    public Task Waiting => _waiting.Task;

    /// <summary>Done when the door has let go of the reader.</summary>
    public Task Closed => _closed.Task;

    public ValueTask ArriveAsync(byte[] bytes, CancellationToken cancellationToken) => _arriving.Writer.WriteAsync(bytes, cancellationToken);

    public void Fail(ContentException cause) => _arriving.Writer.Complete(cause);

    public async ValueTask<int> ReadAtAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (!_arriving.Reader.TryPeek(out _))
        {
            _waiting.TrySetResult();
        }

        if (!await _arriving.Reader.WaitToReadAsync(cancellationToken))
        {
            return 0;
        }

        var bytes = await _arriving.Reader.ReadAsync(cancellationToken);
        bytes.CopyTo(buffer);
        return bytes.Length;
    }

    public ValueTask DisposeAsync()
    {
        _closed.TrySetResult();
        return ValueTask.CompletedTask;
    }
}
