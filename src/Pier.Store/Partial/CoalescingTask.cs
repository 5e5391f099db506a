namespace Pier.Store.Partial;

/// <summary>
/// Work that many may ask for and that runs once at a time: a request during a run causes one more run. Owns its task,
/// which <see cref="StopAsync"/> awaits.
/// </summary>
/// <param name="work">The work; blocking is fine, it runs on the pool.</param>
/// <param name="failed">Told of what the work throws.</param>
internal sealed class CoalescingTask(Action work, Action<Exception> failed)
{
    private readonly Lock _gate = new();
    private Task _current = Task.CompletedTask;
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
            if (!_running)
            {
                _running = true;
                _current = Task.Run(Run);
            }
        }
    }

    /// <summary>Takes no more requests and waits for the run under way.</summary>
    public Task StopAsync()
    {
        lock (_gate)
        {
            _stopped = true;
            return _current;
        }
    }

    private void Run()
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
        }
        while (GoesOn());
    }

    private bool GoesOn()
    {
        lock (_gate)
        {
            _running = _again && !_stopped;
            _again = false;
            return _running;
        }
    }
}
