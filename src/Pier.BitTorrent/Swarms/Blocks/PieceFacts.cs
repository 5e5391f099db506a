using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Swarms.Meeting;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Swarms.Blocks;

/// <summary>What peers say and send of pieces, once the torrent is known. Part of a swarm's loop.</summary>
internal sealed class PieceFacts(PieceBoard board, Downloader downloader, SpotFetch spots, PeerHoldings holdings, Suggester suggester)
{
    // Honest peers allow ten (BEP 6).
    private const int MaxAllowedFast = 64;

    /// <summary>Applies one fact.</summary>
    /// <exception cref="WireException">It cannot be true of this torrent.</exception>
    public void Apply(PeerSession session, PeerFact fact)
    {
        switch (fact.Kind)
        {
            case PeerFactKind.Block:
                var (block, buffer) = (new BlockRef(fact.Index, fact.Detail), (PieceBuffer)fact.Payload!);
                if (!spots.Received(session, block, buffer))
                {
                    downloader.Received(session, block, buffer);
                }

                break;
            case PeerFactKind.Reject:
                var rejected = new AskedBlock(new BlockRef(fact.Index, fact.Detail), (PieceBuffer)fact.Payload!);
                if (!spots.Rejected(session, rejected.Buffer))
                {
                    downloader.Rejected(session, rejected);
                }

                break;
            case PeerFactKind.Have or PeerFactKind.DontHave or PeerFactKind.Bitfield or PeerFactKind.MorePieces or PeerFactKind.HaveAll:
                holdings.Apply(session, fact);
                break;
            case PeerFactKind.Choke:
                session.IsChoking = true;
                if (!session.Link.IsFast)
                {
                    downloader.ReleaseAll(session);
                }

                spots.Left(session, isGone: false);
                break;
            case PeerFactKind.Unchoke:
                (session.IsChoking, session.DryAt) = (false, null);
                break;
            case PeerFactKind.Suggest when fact.Index < board.Grid.PieceCount:
                suggester.Heard(session, fact.Index);
                break;
            case PeerFactKind.AllowedFast when fact.Index < board.Grid.PieceCount && session.AllowedFast.Count < MaxAllowedFast:
                session.AllowedFast.Add(fact.Index);
                session.DryAt = null;
                break;
        }
    }
}
