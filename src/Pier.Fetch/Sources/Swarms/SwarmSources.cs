using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Fetch.Ladder;
using Pier.Membership.Client;

namespace Pier.Fetch.Sources.Swarms;

/// <summary>Makes swarms of what members say. Competing claims are separate swarms, the most vouched first (design §4).</summary>
internal sealed class SwarmSources(BitTorrentEngine engine, ITorrentNotes notes, TimeProvider time) : ISwarmSources
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
