namespace Pier.Fetch.Seeding;

/// <summary>A blob that was sealed just now, and what was hashed of it while it came.</summary>
internal sealed class ArrivedBlob(ArrivingTorrent torrent)
{
    private readonly TaskCompletionSource _seeded = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What was hashed of it while it came.</summary>
    public ArrivingTorrent Torrent => torrent;

    /// <summary>Ends once it is seeded, or cannot be.</summary>
    public Task Seeded => _seeded.Task;

    /// <summary>It is seeded, or cannot be.</summary>
    public void End() => _seeded.TrySetResult();
}
