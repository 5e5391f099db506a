namespace Pier.BitTorrent.Limits;

/// <summary>Watches one torrent's seeding goal. Its loop calls it; the goal may be changed by anybody.</summary>
internal sealed class SeedingWatch(SeedingGoal goal, TimeProvider time)
{
    private volatile SeedingGoal _goal = goal;
    private TimeSpan _seeded;
    private long _lookedAt = time.GetTimestamp();

    /// <summary>The goal.</summary>
    public SeedingGoal Goal
    {
        get => _goal;
        set => _goal = value;
    }

    /// <summary>Looks, about once a second.</summary>
    /// <param name="isSeeding">Whether the time since the last look was spent seeding.</param>
    /// <param name="uploaded">Bytes of blocks sent.</param>
    /// <param name="size">Bytes of content.</param>
    /// <returns>What is reached, in words; null while nothing is.</returns>
    public string? Look(bool isSeeding, long uploaded, long size)
    {
        var now = time.GetTimestamp();
        _seeded += isSeeding ? time.GetElapsedTime(_lookedAt, now) : TimeSpan.Zero;
        _lookedAt = now;
        return _goal.Reached(uploaded, size, _seeded);
    }
}
