namespace Pier.BitTorrent.Pieces;

/// <summary>Wakes readers that wait for pieces, whenever something has come. Thread-safe.</summary>
internal sealed class PieceArrivals
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _next;
    private bool _isOver;

    /// <summary>Ends at the next news; take it before looking, so that none is missed. Ended for good once nothing will come.</summary>
    public Task Next
    {
        get
        {
            lock (_gate)
            {
                return _isOver ? Task.CompletedTask : (_next ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }
        }
    }

    /// <summary>Whether nothing will come any more.</summary>
    public bool IsOver
    {
        get
        {
            lock (_gate)
            {
                return _isOver;
            }
        }
    }

    /// <summary>Something has come.</summary>
    public void Tell()
    {
        lock (_gate)
        {
            _next?.TrySetResult();
            _next = null;
        }
    }

    /// <summary>Nothing will come any more.</summary>
    public void End()
    {
        lock (_gate)
        {
            _isOver = true;
        }

        Tell();
    }
}
