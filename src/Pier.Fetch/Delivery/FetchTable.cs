using Pier.Content;
using Pier.Content.Contracts;
using Pier.Fetch.Status;

namespace Pier.Fetch.Delivery;

/// <summary>
/// All fetches under way, at most one per digest (design §3.4). Owns their tasks. A fetch that nobody waits for any
/// more goes on when it has begun to arrive, because the next host will ask for the same blob; only a few may.
/// </summary>
internal sealed class FetchTable(FetchParts parts, FetchHistory history) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Digest, FetchRun> _running = [];
    private readonly CancellationTokenSource _stop = new();
    private bool _closed;

    /// <summary>The fetches now under way.</summary>
    public IReadOnlyList<BlobFetch> Running
    {
        get
        {
            lock (_gate) { return [.. _running.Values.Select(run => run.Fetch)]; }
        }
    }

    /// <summary>The fetch of a digest, when one is under way.</summary>
    public BlobFetch? Find(Digest digest)
    {
        lock (_gate) { return _running.GetValueOrDefault(digest)?.Fetch; }
    }

    /// <summary>Joins the fetch of this digest, or starts it; <see cref="Leave"/> is owed for each call.</summary>
    /// <exception cref="ContentUnavailableException">The daemon is stopping.</exception>
    public BlobFetch Join(BlobRequest request)
    {
        lock (_gate)
        {
            if (_closed)
            {
                throw new ContentUnavailableException($"{request.Digest} is not fetched any more: this node is stopping.");
            }
            if (_running.TryGetValue(request.Digest, out var run) && !run.IsStopping && !run.Fetch.Ended.IsCompleted)
            {
                run.Fetch.Demand.Join(request);
                return run.Fetch;
            }
            var before = run?.Task ?? Task.CompletedTask;
            run = new FetchRun(new BlobFetch(request, parts), _stop.Token);
            _running[request.Digest] = run;
            // Before it runs: bytes that come for nobody are not counted as waited for.
            run.Fetch.Demand.Join(request);
            run.Task = RunAsync(run, before);
            return run.Fetch;
        }
    }

    /// <summary>Follows the fetch of this digest when one is under way: nothing is asked for the follower's sake. <see cref="Leave"/> is owed.</summary>
    public BlobFetch? TryFollow(BlobRequest request)
    {
        lock (_gate)
        {
            if (_closed || !_running.TryGetValue(request.Digest, out var run) || run.IsStopping)
            {
                return null;
            }
            run.Fetch.Demand.Follow(request.Priority);
            return run.Fetch;
        }
    }

    /// <summary>A client has its bytes or went away.</summary>
    public void Leave(BlobFetch fetch)
    {
        if (fetch.Demand.Leave() > 0)
        {
            return;
        }
        FetchRun? surplus = null;
        lock (_gate)
        {
            var orphans = _running.Values.Where(run => run.Fetch.Interested == 0 && !run.IsStopping).ToList();
            surplus = orphans.Find(run => !run.Fetch.IsAccepted);
            if (surplus is null && orphans.Count > parts.Options.OrphanFetches)
            {
                surplus = orphans.MinBy(run => run.Fetch.Arrived);
            }
            // Nobody joins it from now on.
            surplus?.Resign();
        }
        surplus?.Stop();
    }

    /// <summary>Stops every fetch, keeping what has arrived on disk, and waits for their ends.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] runs;
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }
            _closed = true;
            runs = [.. _running.Values.Select(run => run.Task)];
        }
        await _stop.CancelAsync();
        await Task.WhenAll(runs);
        _stop.Dispose();
    }

    private async Task RunAsync(FetchRun run, Task before)
    {
        // Leaves the lock of Join first; and a fetch that is being stopped must have let go of the partial blob.
        await Task.Yield();
        await before;
        await run.Fetch.RunAsync(run.Stopped);
        history.Add(run.Fetch);
        lock (_gate)
        {
            if (_running.TryGetValue(run.Fetch.Digest, out var current) && current == run)
            {
                _running.Remove(run.Fetch.Digest);
            }
        }
        run.Dispose();
    }
}
