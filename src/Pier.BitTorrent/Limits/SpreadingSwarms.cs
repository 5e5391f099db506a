namespace Pier.BitTorrent.Limits;

/// <summary>How many torrents are giving peers pieces that nobody else has: those whose pieces are all out leave them the line meanwhile. Thread-safe.</summary>
internal sealed class SpreadingSwarms
{
    private int _count;

    /// <summary>Whether there are some.</summary>
    public bool Any => Volatile.Read(ref _count) > 0;

    /// <summary>One comes.</summary>
    public void Enter() => Interlocked.Increment(ref _count);

    /// <summary>One goes.</summary>
    public void Leave() => Interlocked.Decrement(ref _count);
}
