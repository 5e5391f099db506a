using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Swarms.Blocks;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Swarms.Meeting;

/// <summary>Keeps account of which pieces each peer has (BEP 3, 6, 54), and lets go of those who are of no use. Part of a swarm's loop.</summary>
internal sealed class PeerHoldings(PieceBoard board, Downloader downloader, SuperSeeding? super, Suggester suggester)
{
    /// <summary>A peer connected, or we learned how many pieces there are.</summary>
    public void Join(PeerSession session)
    {
        session.Pieces = new Bitfield(board.Grid.PieceCount);
        board.AddPeer(session.Pieces);
    }

    /// <summary>A peer has gone.</summary>
    public void Left(PeerSession session)
    {
        if (session.Pieces is { } pieces)
        {
            board.RemovePeer(pieces);
        }

        super?.Left(session);
        suggester.Left(session);
    }

    /// <summary>A peer said which pieces it has, or has no more.</summary>
    /// <exception cref="WireException">It cannot be true of this torrent.</exception>
    public void Apply(PeerSession session, PeerFact fact)
    {
        switch (fact.Kind)
        {
            case PeerFactKind.Have:
                Add(session, fact.Index);
                break;
            case PeerFactKind.DontHave:
                Remove(session, fact.Index);
                break;
            case PeerFactKind.Bitfield:
                Replace(session, Bitfield.Parse((byte[])fact.Payload!, board.Grid.PieceCount));
                break;
            case PeerFactKind.MorePieces:
                AddAll(session, Bitfield.Parse((byte[])fact.Payload!, board.Grid.PieceCount));
                break;
            case PeerFactKind.HaveAll:
                Fill(session);
                break;
        }
    }

    /// <summary>A peer has one more piece.</summary>
    /// <exception cref="WireException">There is no such piece.</exception>
    public void Add(PeerSession session, int piece)
    {
        Check(piece);
        var pieces = session.Pieces!;
        if (!pieces[piece])
        {
            if (board.Demand.Wanted[piece])
            {
                session.Wanted++;
                session.DryAt = board.Busy[piece] && board.PartialOf(piece) is not { Unasked: > 0 } ? session.DryAt : null;
            }

            board.AddPiece(pieces, piece);
            super?.Has(session, piece);
            suggester.Got(session, piece);
            DropUseless(session);
        }
    }

    /// <summary>A peer has more pieces than before.</summary>
    /// <exception cref="WireException">It takes back what it has told, or tells nothing new, which could be done for ever.</exception>
    public void AddAll(PeerSession session, Bitfield pieces)
    {
        var known = session.Pieces!;
        if (pieces.Count <= known.Count || !known.IsWithin(pieces))
        {
            throw new WireException("a later bitfield that takes pieces back, or tells of no more");
        }

        foreach (var piece in pieces.Except(known))
        {
            Add(session, piece);
        }
    }

    /// <summary>A peer lost a piece (BEP 54): what it was asked of it, it will not send.</summary>
    /// <exception cref="WireException">There is no such piece.</exception>
    public void Remove(PeerSession session, int piece)
    {
        Check(piece);
        if (session.Pieces![piece])
        {
            board.RemovePiece(session.Pieces, piece);
            session.Wanted -= board.Demand.Wanted[piece] ? 1 : 0;
            downloader.Release(session, piece);
        }
    }

    /// <summary>A peer has every piece.</summary>
    public void Fill(PeerSession session)
    {
        var all = new Bitfield(board.Grid.PieceCount);
        all.Fill();
        Replace(session, all);
    }

    /// <summary>A peer has these pieces and no others.</summary>
    public void Replace(PeerSession session, Bitfield pieces)
    {
        board.RemovePeer(session.Pieces!);
        session.Pieces = pieces;
        board.AddPeer(pieces);
        session.Wanted = pieces.CountIn(board.Demand.Wanted);
        session.DryAt = null;
        DropUseless(session);
    }

    /// <summary>Hangs up when neither side can want anything of the other (BEP 21).</summary>
    public void DropUseless(PeerSession session)
    {
        if (!board.Demand.WantsMore && (session.Pieces?.IsFull == true || session.Extension?.UploadOnly == true))
        {
            session.Link.Close("neither side wants anything of the other");
        }
    }

    private void Check(int piece)
    {
        if (piece >= board.Grid.PieceCount)
        {
            throw new WireException($"piece {piece} of a torrent of {board.Grid.PieceCount} pieces");
        }
    }
}
