namespace Pier.Store.Uploads;

/// <summary>How much half-finished work of clients is kept.</summary>
public sealed record UploadOptions
{
    /// <summary>Most uploads under way at once.</summary>
    public int MostSessions { get; init; } = 1000;

    /// <summary>How long an upload may lie without a byte before it is dropped.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromHours(24);
}
