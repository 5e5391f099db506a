using System.Threading.Tasks.Sources;

namespace Pier.BitTorrent.Peers;

/// <summary>
/// Wakes one who waits, now or when he next will; waking twice wakes once. A connection waits for each batch of blocks, so
/// waiting takes no memory.
/// </summary>
internal sealed class WakeSignal : IValueTaskSource
{
    private readonly Lock _gate = new();
    private ManualResetValueTaskSourceCore<bool> _core;
    private CancellationTokenRegistration _cancellation;
    private CancellationToken _token;
    private bool _isSet;
    private bool _isWaiting;

    /// <summary>Wakes.</summary>
    /// <param name="lendsThread">Who waits now may go on within this call.</param>
    public void Set(bool lendsThread = false)
    {
        lock (_gate)
        {
            if (!_isWaiting)
            {
                _isSet = true;
                return;
            }

            _isWaiting = false;
        }

        // Nobody else completes it before the next wait.
        _core.RunContinuationsAsynchronously = !lendsThread;
        _core.SetResult(true);
    }

    /// <summary>Waits to be woken; only one may at a time.</summary>
    public ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (_isSet)
            {
                _isSet = false;
                return ValueTask.CompletedTask;
            }

            _core.Reset();
            _isWaiting = true;
        }

        _token = cancellationToken;
        _cancellation = cancellationToken.UnsafeRegister(static signal => ((WakeSignal)signal!).Set(), this);
        return new ValueTask(this, _core.Version);
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    void IValueTaskSource.GetResult(short token)
    {
        _cancellation.Dispose();
        _core.GetResult(token);
        _token.ThrowIfCancellationRequested();
    }
}
