namespace Pier.Fetch.Delivery;

/// <summary>A fetch under way and its end, which the last client that leaves and the fetch itself may bring about in the same moment.</summary>
internal sealed class FetchRun : IDisposable
{
    private readonly CancellationTokenSource _stop;
    private bool _isResigned;

    /// <param name="fetch">The fetch, which is disposed with its run.</param>
    /// <param name="all">Stops every fetch.</param>
    public FetchRun(BlobFetch fetch, CancellationToken all)
    {
        Fetch = fetch;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(all);
        Stopped = _stop.Token;
    }

    public BlobFetch Fetch { get; }

    /// <summary>Tells the fetch to stop.</summary>
    public CancellationToken Stopped { get; }

    /// <summary>Whether it was told to stop, or is about to be.</summary>
    public bool IsStopping => _isResigned || _stop.IsCancellationRequested;

    /// <summary>Ends with the fetch.</summary>
    public Task Task { get; set; } = Task.CompletedTask;

    /// <summary>It is to be stopped. Under the lock of the table, as whoever asks whether it is.</summary>
    public void Resign() => _isResigned = true;

    /// <summary>Stops the fetch, unless it has ended by itself since.</summary>
    public void Stop()
    {
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has.
        }
    }

    public void Dispose()
    {
        _stop.Dispose();
        Fetch.Dispose();
    }
}
