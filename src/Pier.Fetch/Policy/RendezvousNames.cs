using Pier.BitTorrent.Blobs;
using Pier.BitTorrent.Torrents;
using Pier.Content;
using Pier.Membership;

namespace Pier.Fetch.Policy;

/// <summary>
/// The rendezvous ids of a blob that policy allows (design §4). Who announces in public is met under the id that anybody
/// can compute; members meet under one that their cluster's secret keys, which tells outsiders nothing.
/// </summary>
internal sealed class RendezvousNames(IMembership membership, AccessRecords records, FetchOptions options)
{
    /// <summary>The id that anybody can compute; null unless blobs are announced in public.</summary>
    public InfoHash? Public(Digest sha256) =>
        ScopeOf(sha256) == AnnounceScope.Public ? RendezvousId.Compute(default, sha256.Hex) : null;

    /// <summary>The cluster's own id; null while nothing is announced or this node is in no cluster.</summary>
    public InfoHash? OfCluster(Digest sha256) =>
        ScopeOf(sha256) != AnnounceScope.Off && membership.SwarmKey is { IsEmpty: false } key ? RendezvousId.Compute(key.Span, sha256.Hex) : null;

    /// <summary>Every id under which the blob is to be met here.</summary>
    public IReadOnlyList<InfoHash> All(Digest sha256) => [.. new[] { Public(sha256), OfCluster(sha256) }.OfType<InfoHash>()];

    /// <summary>To whom the blob may be announced.</summary>
    public AnnounceScope ScopeOf(Digest sha256) => AnnounceRules.ScopeOf(sha256, records, options);
}
