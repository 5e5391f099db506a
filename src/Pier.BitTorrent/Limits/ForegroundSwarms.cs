namespace Pier.BitTorrent.Limits;

/// <summary>How many torrents somebody waits for and bytes arrive of: others ask for less meanwhile. Thread-safe.</summary>
internal sealed class ForegroundSwarms
{
    private int _count;

    /// <summary>Whether there are some.</summary>
    public bool Any => Volatile.Read(ref _count) > 0;

    /// <summary>One comes.</summary>
    public void Enter() => Interlocked.Increment(ref _count);

    /// <summary>One goes.</summary>
    public void Leave() => Interlocked.Decrement(ref _count);
}
