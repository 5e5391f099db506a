using System.Threading.Tasks.Sources;

namespace Pier.BitTorrent.Limits;

/// <summary>A <see cref="BandwidthFlow"/> that can be waited for, without allocating anything each time. One waits at a time.</summary>
internal sealed class BandwidthWait : IValueTaskSource, IDisposable
{
    private readonly BandwidthFlow _flow;
    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
    private int _isWaiting;
    private volatile bool _isStopped;

    public BandwidthWait(BandwidthGroup group, PeerClass peers) => _flow = group.Open(peers, End);

    /// <summary>Bytes to let pass at once.</summary>
    public int Quantum => _flow.Quantum;

    /// <summary>Waits until bytes may pass, or might have passed just now.</summary>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    public ValueTask PassAsync(long bytes)
    {
        _core.Reset();
        Volatile.Write(ref _isWaiting, 1);
        if (_flow.TryTake(bytes))
        {
            Volatile.Write(ref _isWaiting, 0);
            return ValueTask.CompletedTask;
        }

        if (_isStopped)
        {
            End();
        }

        return new ValueTask(this, _core.Version);
    }

    /// <summary>Ends the wait of now, and all later ones, with a cancellation.</summary>
    public void Stop()
    {
        _isStopped = true;
        End();
    }

    /// <inheritdoc/>
    public void Dispose() => _flow.Dispose();

    void IValueTaskSource.GetResult(short token)
    {
        _core.GetResult(token);
        if (_isStopped)
        {
            throw new OperationCanceledException("the connection is being closed");
        }
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private void End()
    {
        if (Interlocked.Exchange(ref _isWaiting, 0) == 1)
        {
            _core.SetResult(true);
        }
    }
}
