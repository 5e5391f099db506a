namespace Pier.Store.Eviction;

/// <summary>How much the store may keep.</summary>
/// <param name="Bytes">Most bytes of sealed and arriving blobs together; null for no bound.</param>
public sealed record QuotaOptions(long? Bytes)
{
    /// <summary>Bytes that eviction keeps free on the file system; null for none.</summary>
    public long? KeepFree { get; init; }

    /// <summary>Tells how many bytes are free there now.</summary>
    public Func<long> FreeBytes { get; init; } = () => long.MaxValue;

    /// <summary>How often the store is looked over.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(30);
}
