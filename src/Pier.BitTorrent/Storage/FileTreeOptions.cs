namespace Pier.BitTorrent.Storage;

/// <summary>How a <see cref="FileTreeStorage"/> treats what is on disk.</summary>
public sealed record FileTreeOptions
{
    /// <summary>Everything is there and right: nothing is hashed, and nothing will be written.</summary>
    public bool IsSealed { get; init; }

    /// <summary>Files open at once.</summary>
    public int MaxOpenFiles { get; init; } = 128;
}
