namespace Pier.BitTorrent.Swarms;

/// <summary>Tasks that run beside a loop and are awaited when it ends; nothing is started and forgotten.</summary>
internal sealed class TaskSet
{
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _running = [];

    /// <summary>Starts work, which reports its own failures.</summary>
    public void Run(Func<Task> work)
    {
        var task = Task.Run(work);
        lock (_gate)
        {
            _running.Add(task);
        }

        _ = task.ContinueWith(Remove, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Waits until all work, also what is started meanwhile, has ended.</summary>
    /// <exception cref="Exception">Work failed without reporting it.</exception>
    public async Task WhenIdleAsync()
    {
        while (true)
        {
            Task[] running;
            lock (_gate)
            {
                running = [.. _running];
            }

            if (running.Length == 0)
            {
                return;
            }

            await Task.WhenAll(running);
        }
    }

    private void Remove(Task task)
    {
        // A failure nobody reported stays, so that whoever waits meets it.
        if (task.IsFaulted)
        {
            return;
        }

        lock (_gate)
        {
            _running.Remove(task);
        }
    }
}
