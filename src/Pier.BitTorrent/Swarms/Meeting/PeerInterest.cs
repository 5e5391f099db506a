using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Swarms.Meeting;

/// <summary>Whether we want any of what each peer has (BEP 3). Part of a swarm's loop.</summary>
internal sealed class PeerInterest(PieceBoard board, List<PeerSession> sessions)
{
    private readonly List<bool> _haves = [];

    /// <summary>Tells a peer whether we want pieces of it, when that has changed.</summary>
    public static void Show(PeerSession session)
    {
        var wants = session.Wanted > 0;
        if (wants != session.AmInterested)
        {
            session.AmInterested = wants;
            session.Link.Outbox.Post(wants ? MessageId.Interested : MessageId.NotInterested);
        }
    }

    /// <summary>We have a piece: others hear of it, and who has it may be of no more interest.</summary>
    /// <param name="piece">Index of the piece.</param>
    /// <param name="wasWanted">Whether it was wanted until now.</param>
    /// <param name="isTold">Whether they hear of it otherwise.</param>
    public void Had(int piece, bool wasWanted, bool isTold)
    {
        // Looked at first, in a loop so short that the processor fetches many at once from memory.
        _haves.Clear();
        foreach (var session in sessions)
        {
            _haves.Add(session.Pieces?[piece] == true);
        }

        for (var place = 0; place < _haves.Count; place++)
        {
            var session = sessions[place];
            if (_haves[place])
            {
                session.Wanted -= wasWanted ? 1 : 0;
                Show(session);
            }

            session.Had(piece);
            if (!isTold && Awaits(session, _haves[place]))
            {
                session.Link.Outbox.PostPiece(MessageId.Have, piece);
            }
        }
    }

    // Also who has it, if it gave or suggested us pieces: a super seed shows the next when it hears that the last has come (BEP 16).
    // And who suggests: it gives others what it believes that nobody has.
    private static bool Awaits(PeerSession session, bool has) =>
        !has || session.HasSuggested || (session.Pieces?.IsFull != true && session.Link.Downloaded > 0);

    /// <summary>Other pieces are wanted than before.</summary>
    public void Recount()
    {
        foreach (var session in sessions)
        {
            if (session.Pieces is { } pieces)
            {
                session.Wanted = pieces.CountIn(board.Demand.Wanted);
                Show(session);
            }
        }
    }
}
