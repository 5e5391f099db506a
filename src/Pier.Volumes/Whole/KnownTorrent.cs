using Pier.Content.Contracts;

namespace Pier.Volumes.Whole;

/// <summary>A torrent that is open, or being looked up. Under the lock of its owner.</summary>
/// <param name="opening">Ends when it is open, or cannot be had.</param>
/// <param name="now">When it was asked for.</param>
internal sealed class KnownTorrent(Task<IArrivingTree> opening, long now)
{
    /// <summary>Ends when it is open, or cannot be had.</summary>
    public Task<IArrivingTree> Opening => opening;

    /// <summary>Who uses it now.</summary>
    public int Uses { get; set; }

    /// <summary>When somebody last ceased to.</summary>
    public long LastUse { get; set; } = now;

    /// <summary>Whether it is open and nobody uses it.</summary>
    public bool IsIdle => Uses == 0 && Opening.IsCompletedSuccessfully;
}
