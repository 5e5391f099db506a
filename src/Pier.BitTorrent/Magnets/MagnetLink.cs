using System.Net;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Magnets;

/// <summary>A magnet link to a torrent (BEP 9, 52, 53): its info-hashes, and hints where to begin.</summary>
public sealed record MagnetLink
{
    /// <summary>Characters of a link before it is refused.</summary>
    public const int MaxLength = 64 << 10;

    /// <summary>Values of one parameter (trackers, web seeds, peers, selections) before the link is refused.</summary>
    public const int MaxValues = 256;

    /// <summary><c>xt</c>: what the link names.</summary>
    public required TorrentId Id { get; init; }

    /// <summary><c>dn</c></summary>
    public string? DisplayName { get; init; }

    /// <summary><c>xl</c>: bytes, as the link's author says.</summary>
    public long? ExactLength { get; init; }

    /// <summary><c>tr</c>: HTTP, HTTPS and UDP trackers in the order written; other addresses are left out.</summary>
    public IReadOnlyList<string> Trackers { get; init; } = [];

    /// <summary><c>ws</c>: web seeds (BEP 19).</summary>
    public IReadOnlyList<string> WebSeeds { get; init; } = [];

    /// <summary><c>x.pe</c>: peers to try, each an <see cref="IPEndPoint"/> or a <see cref="DnsEndPoint"/>.</summary>
    public IReadOnlyList<EndPoint> Peers { get; init; } = [];

    /// <summary><c>so</c>: files wanted; empty for all.</summary>
    public IReadOnlyList<FileSelection> SelectedFiles { get; init; } = [];

    /// <summary>The link to a torrent that is known whole, with its trackers and web seeds.</summary>
    public static MagnetLink To(Metainfo metainfo)
    {
        ArgumentNullException.ThrowIfNull(metainfo);
        return new MagnetLink
        {
            Id = metainfo.Id,
            DisplayName = metainfo.Name,
            Trackers = [.. metainfo.Envelope.TrackerTiers.SelectMany(tier => tier).Take(MaxValues)],
            WebSeeds = [.. metainfo.Envelope.WebSeeds.Take(MaxValues)],
        };
    }

    /// <summary>Reads a link.</summary>
    /// <exception cref="MagnetException">Not a magnet link, names no torrent, or goes beyond the bounds.</exception>
    public static MagnetLink Parse(string link)
    {
        ArgumentNullException.ThrowIfNull(link);
        return new MagnetReader().Read(link);
    }

    /// <summary>The trackers as tiers, one per tracker: a magnet link has no order among them (BEP 12).</summary>
    public IReadOnlyList<IReadOnlyList<string>> TrackerTiers => [.. Trackers.Select(tracker => new[] { tracker })];

    /// <summary>The link as text, in a fixed order of parameters.</summary>
    public override string ToString() => MagnetWriter.Write(this);
}
