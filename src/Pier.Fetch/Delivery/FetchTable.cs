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
    private readonly Dictionary<Digest, Entry> _running = [];
    private readonly CancellationTokenSource _stop = new();
    private bool _closed;

    /// <summary>The fetches now under way.</summary>
    public IReadOnlyList<BlobFetch> Running
    {
        get
        {
            lock (_gate) { return [.. _running.Values.Select(entry => entry.Fetch)]; }
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
            if (!_running.TryGetValue(request.Digest, out var entry) || entry.Stop.IsCancellationRequested)
            {
                var before = entry?.Run ?? Task.CompletedTask;
                entry = new Entry(new BlobFetch(request, parts), CancellationTokenSource.CreateLinkedTokenSource(_stop.Token));
                _running[request.Digest] = entry;
                entry.Run = RunAsync(entry, before);
            }
            entry.Fetch.Join(request);
            return entry.Fetch;
        }
    }

    /// <summary>Joins the fetch of this digest only when one is under way.</summary>
    public BlobFetch? TryJoin(Digest digest)
    {
        lock (_gate)
        {
            if (_closed || !_running.TryGetValue(digest, out var entry) || entry.Stop.IsCancellationRequested)
            {
                return null;
            }
            entry.Fetch.Join(entry.Fetch.Request);
            return entry.Fetch;
        }
    }

    /// <summary>A client has its bytes or went away.</summary>
    public void Leave(BlobFetch fetch)
    {
        if (fetch.Leave() > 0)
        {
            return;
        }
        Entry? surplus = null;
        lock (_gate)
        {
            var orphans = _running.Values.Where(entry => entry.Fetch.Interested == 0 && !entry.Stop.IsCancellationRequested).ToList();
            surplus = orphans.Find(entry => !entry.Fetch.IsAccepted);
            if (surplus is null && orphans.Count > parts.Options.OrphanFetches)
            {
                surplus = orphans.MinBy(entry => entry.Fetch.Arrived);
            }
        }
        try
        {
            surplus?.Stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended by itself since.
        }
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
            runs = [.. _running.Values.Select(entry => entry.Run)];
        }
        await _stop.CancelAsync();
        await Task.WhenAll(runs);
        _stop.Dispose();
    }

    private async Task RunAsync(Entry entry, Task before)
    {
        // Leaves the lock of Join first; and a fetch that is being stopped must have let go of the partial blob.
        await Task.Yield();
        await before;
        await entry.Fetch.RunAsync(entry.Stop.Token);
        history.Add(entry.Fetch);
        lock (_gate)
        {
            if (_running.TryGetValue(entry.Fetch.Digest, out var current) && current == entry)
            {
                _running.Remove(entry.Fetch.Digest);
            }
        }
        entry.Stop.Dispose();
        entry.Fetch.Dispose();
    }

    private sealed class Entry(BlobFetch fetch, CancellationTokenSource stop)
    {
        public BlobFetch Fetch => fetch;

        public CancellationTokenSource Stop => stop;

        public Task Run { get; set; } = Task.CompletedTask;
    }
}
