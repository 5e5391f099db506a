namespace Pier.BitTorrent.Peers;

/// <summary>Bounds the connections of an engine, and how many are being made at once.</summary>
internal sealed class ConnectionCount(int maxOpen, int maxDials)
{
    private int _open;
    private int _dials;

    /// <summary>Takes a place for a connection; false when there is none.</summary>
    public bool TryOpen() => TryTake(ref _open, maxOpen);

    /// <summary>Gives the place back.</summary>
    public void Close() => Interlocked.Decrement(ref _open);

    /// <summary>Takes a place for making a connection; false when there is none.</summary>
    public bool TryDial() => TryTake(ref _dials, maxDials);

    /// <summary>Gives the place back.</summary>
    public void EndDial() => Interlocked.Decrement(ref _dials);

    private static bool TryTake(ref int count, int max)
    {
        if (Interlocked.Increment(ref count) <= max)
        {
            return true;
        }

        Interlocked.Decrement(ref count);
        return false;
    }
}
