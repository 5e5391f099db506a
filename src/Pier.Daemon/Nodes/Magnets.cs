using Pier.BitTorrent.Magnets;
using Pier.BitTorrent.Torrents;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Store.Swarms;

namespace Pier.Daemon.Nodes;

/// <summary>
/// Makes the magnet links and torrent files that this node hands out. They lead every client to it: some read the peer that a
/// link names (BEP 9, <c>x.pe</c>), all ask its tracker.
/// </summary>
internal sealed class Magnets(OwnAddress own, OwnTracker tracker, IAccessPolicy policy)
{
    /// <summary>Web seeds of a blob (BEP 19): this node, where others reach its door for registry clients and may have the blob.</summary>
    public async ValueTask<IReadOnlyList<string>> WebSeedsAsync(Digest blob, CancellationToken cancellationToken) =>
        own.ForWebSeeds() is { } root && await policy.MayServeAsync(blob, under: null, Door.WebSeed, cancellationToken)
            ? [root + blob.Hex]
            : [];

    /// <summary>The link of a blob torrent.</summary>
    public string Of(SwarmRecord record, IReadOnlyList<string> webSeeds) =>
        Of(record, new TorrentId(InfoHash.Parse(record.V1), InfoHashV2.Parse(record.V2)), webSeeds);

    /// <summary>The link of the v1 torrent of a blob; null while it is not known.</summary>
    public string? OfTwin(SwarmRecord record, IReadOnlyList<string> webSeeds) =>
        record.Twin is { } twin ? Of(record, new TorrentId(InfoHash.Parse(twin), null), webSeeds) : null;

    private string Of(SwarmRecord record, TorrentId id, IReadOnlyList<string> webSeeds) => ToHere(new MagnetLink
    {
        Id = id,
        DisplayName = record.Digest.Hex,
        ExactLength = record.Size,
        Trackers = tracker.Url is { } url ? [url] : [],
        WebSeeds = webSeeds,
    });

    /// <summary>The link of a torrent that is known whole.</summary>
    public string Of(Metainfo metainfo) => ToHere(MagnetLink.To(WithTracker(metainfo)) with { ExactLength = metainfo.TotalLength });

    /// <summary>The <c>.torrent</c> file.</summary>
    public byte[] FileOf(Metainfo metainfo) => WithTracker(metainfo).ToTorrentFile();

    /// <summary>Our tracker is the last tier. The peers of a private torrent are its own trackers' business, where it has any (BEP 27).</summary>
    private Metainfo WithTracker(Metainfo metainfo)
    {
        var tiers = metainfo.Envelope.TrackerTiers;
        return tracker.Url is not { } url || tiers.Any(tier => tier.Contains(url)) || (metainfo.IsPrivate && tiers.Count > 0)
            ? metainfo
            : metainfo.WithEnvelope(metainfo.Envelope with { TrackerTiers = [.. tiers, [url]] });
    }

    private string ToHere(MagnetLink link) => (link with { Peers = [own.ForLinks()] }).ToString();
}
