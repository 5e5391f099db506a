namespace Pier.Store.Partial;

/// <summary>
/// Work that many may ask for and that runs once at a time: a request during a run causes one more run. A run is awaited by
/// <see cref="StopAsync"/>, and takes no memory, since an arriving blob asks for thousands.
/// </summary>
/// <param name="work">The work; blocking is fine, it runs on the pool.</param>
/// <param name="failed">Told of what the work throws.</param>
internal sealed class CoalescingTask(Action work, Action<Exception> failed) : IThreadPoolWorkItem
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _last;
    private Exception? _defect;
    private bool _running;
    private bool _again;
    private bool _stopped;

    /// <summary>Asks for a run; returns at once.</summary>
    public void Signal()
    {
        lock (_gate)
        {
            if (_stopped)
            {
                return;
            }

            _again = _running;
            if (_running)
            {
                return;
            }

            _running = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Takes no more requests and waits for the run under way.</summary>
    public Task StopAsync()
    {
        lock (_gate)
        {
            _stopped = true;
            if (_defect is not null)
            {
                return Task.FromException(_defect);
            }

            if (!_running)
            {
                return Task.CompletedTask;
            }

            _last ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _last.Task;
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        do
        {
            try
            {
                work();
            }
            catch (IOException e)
            {
                failed(e);
            }
            catch (Exception defect) when (defect is not OutOfMemoryException)
            {
                Break(defect);
                return;
            }
        }
        while (GoesOn());
    }

    // Whoever stops it hears of it; it does not run again.
    private void Break(Exception defect)
    {
        lock (_gate)
        {
            _defect = defect;
            _last?.TrySetException(defect);
        }
    }

    private bool GoesOn()
    {
        lock (_gate)
        {
            _running = _again && !_stopped;
            _again = false;
            if (!_running)
            {
                _last?.TrySetResult();
            }

            return _running;
        }
    }
}
