namespace Pier.Store.Eviction;

/// <summary>How much the store may keep.</summary>
/// <param name="Bytes">Most bytes of sealed and arriving blobs together; null for no bound.</param>
public sealed record QuotaOptions(long? Bytes)
{
    /// <summary>How often the store is looked over.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(30);
}
