namespace Pier.Store.Layout;

/// <summary>What an import believes of a layout that somebody handed over.</summary>
public sealed record LayoutLimits
{
    /// <summary>Most entries of a tar.</summary>
    public int Entries { get; init; } = 100_000;

    /// <summary>Most bytes of a layout in all.</summary>
    public long TotalBytes { get; init; } = 1L << 40;
}
