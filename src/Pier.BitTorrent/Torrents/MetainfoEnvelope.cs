namespace Pier.BitTorrent.Torrents;

/// <summary>What stands around <c>info</c> in a .torrent file. No info-hash covers it: hints, not facts.</summary>
public sealed record MetainfoEnvelope
{
    /// <summary>Nothing said.</summary>
    public static MetainfoEnvelope Empty { get; } = new();

    /// <summary>Trackers by tier (BEP 12), in the order written; <c>announce</c> is the only tier when there is no <c>announce-list</c>.</summary>
    public IReadOnlyList<IReadOnlyList<string>> TrackerTiers { get; init; } = [];

    /// <summary>Web seeds of BEP 19 (<c>url-list</c>).</summary>
    public IReadOnlyList<string> WebSeeds { get; init; } = [];

    /// <summary>Web seeds of BEP 17 (<c>httpseeds</c>).</summary>
    public IReadOnlyList<string> HttpSeeds { get; init; } = [];

    /// <summary><c>comment</c></summary>
    public string? Comment { get; init; }

    /// <summary><c>created by</c></summary>
    public string? CreatedBy { get; init; }

    /// <summary><c>creation date</c></summary>
    public DateTimeOffset? CreationDate { get; init; }
}
