using System.Net;
using Pier.BitTorrent.Discovery;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Rendezvous;
using Pier.BitTorrent.Torrents;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Fetch.Ladder;
using Pier.Fetch.Policy;
using Pier.Fetch.Provisional;
using Pier.Fetch.Sources.Members;
using Pier.Fetch.Sources.Strangers;
using Pier.Membership;
using Pier.Membership.Client;
using Pier.Membership.Members;

namespace Pier.Fetch.Sources.Swarms;

/// <summary>Makes swarms of what members and strangers say. Competing claims are separate swarms, the most vouched first (design §4).</summary>
internal sealed class SwarmSources(
    BitTorrentEngine engine, INodeClient client, ProvisionalDesk pieces, ITorrentNotes notes, RendezvousNames names, IMembership membership, AccessRecords access, SourceBans bans, FetchOptions options, TimeProvider time)
    : ISwarmSources
{
    /// <inheritdoc/>
    public IEnumerable<Candidate> For(BlobRequest request, IReadOnlyList<MemberHolding> holdings)
    {
        // A blob torrent is named by the SHA-256 of the blob.
        if (request.Digest.Algorithm != DigestAlgorithm.Sha256)
        {
            return [];
        }
        return holdings
            .Where(told => told is { Holding: { State: HoldingState.Sealed, InfoHashV1: not null, InfoHashV2: not null }, Member.PeerEndpoint: not null })
            .GroupBy(told => (told.Holding.InfoHashV1, told.Holding.InfoHashV2, told.Holding.Size))
            .OrderByDescending(claims => claims.Count())
            .Select(claims => Make(claims.Key.InfoHashV1!, claims.Key.InfoHashV2!, claims.Key.Size, [.. claims]))
            .OfType<Candidate>();
    }

    /// <inheritdoc/>
    public IContentSource Follow(Member holder, TimeSpan? patience) => new FollowSource(client, holder, patience, pieces, time);

    /// <inheritdoc/>
    public IStrangers? Meet(BlobRequest request, Action found)
    {
        if (request.Digest.Algorithm != DigestAlgorithm.Sha256 || request.Size < options.SmallBlob || !MayBeSought(request))
        {
            return null;
        }
        var specs = new List<RendezvousSpec>();
        var meeting = new StrangerSearch(request, engine, bans, claim => new SwarmSource(engine, claim, notes, time), found);
        if (names.Public(request.Digest) is { } open && (options.Trackers.Count > 0 || (options.Discovery & (PeerDiscovery.Dht | PeerDiscovery.Lsd)) != PeerDiscovery.None))
        {
            specs.Add(new RendezvousSpec { Id = open, Claimed = meeting.ClaimedAsync, Admit = meeting.Admits, Trackers = options.Trackers, Discovery = options.Discovery });
        }
        var members = membership.Current.Live.Select(member => member.PeerEndpoint).OfType<IPEndPoint>().ToArray();
        if (names.OfCluster(request.Digest) is { } keyed && members.Length > 0)
        {
            specs.Add(new RendezvousSpec { Id = keyed, Claimed = meeting.ClaimedAsync, Admit = meeting.Admits, Peers = members });
        }
        if (specs.Count == 0)
        {
            return null;
        }
        meeting.Begin(specs);
        return meeting;
    }

    /// <summary>What is known to be private is not asked for in public; what nobody has named is, when it was asked for by digest.</summary>
    private bool MayBeSought(BlobRequest request) =>
        access.IsPublic(request.Digest) || (request.Origin is null && !access.IsNamed(request.Digest));

    private Candidate? Make(string v1, string v2, long size, MemberHolding[] tellers)
    {
        if (!InfoHash.TryParse(v1, out var hash) || !InfoHashV2.TryParse(v2, out var hash2))
        {
            return null;
        }
        var claim = new SwarmClaim(new TorrentId(hash, hash2), size, [.. tellers.Select(told => told.Member.PeerEndpoint!)]);
        return new Candidate(claim.ToString(), new SwarmSource(engine, claim, notes, time))
        {
            Tellers = [.. tellers.Select(told => SourceNames.Of(told.Member))],
        };
    }
}
