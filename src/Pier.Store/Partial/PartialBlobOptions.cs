namespace Pier.Store.Partial;

/// <summary>How often arriving blobs are made durable; what a crash of the machine (not of the daemon alone) costs.</summary>
public sealed record PartialBlobOptions
{
    /// <summary>The longest time that bytes stay only in memory.</summary>
    public TimeSpan SaveInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The most bytes that stay only in memory.</summary>
    public long SaveBytes { get; init; } = 32 << 20;
}
