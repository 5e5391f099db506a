using Pier.BitTorrent.Choking;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Swarms.Meeting;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Swarms.Blocks;

/// <summary>
/// Spreads what only we have: each peer that is served is suggested other pieces (BEP 6), and the next once it has one. Peers that
/// do not understand suggestions choose for themselves, and so does one that is alone: it can trade with nobody. In order, which disks,
/// readers and seals like best, until it shows that others give the same. Part of a swarm's loop.
/// </summary>
internal sealed class Suggester
{
    // Suggestions out at a time: what a peer takes in this time, and the one that comes and the next, or what a fast one takes before
    // its speed is known.
    private static readonly TimeSpan Ahead = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Asked = TimeSpan.FromMilliseconds(200);
    private const int Unmeasured = 4 << 20;
    private const int Least = 2;
    private const int Most = 16;

    private const int FewestPeers = 2;

    private readonly PieceBoard _board;
    private readonly List<PeerSession> _sessions;
    private readonly Random _random;
    private readonly Dictionary<PeerSession, Debt> _suggested = [];
    private readonly Spreading _spreading;
    private readonly FirstPieces _first;
    private Queue<int> _unseen = new();
    private bool _isAlone = true;

    /// <param name="board">The pieces.</param>
    /// <param name="sessions">All peers; a live view.</param>
    /// <param name="random">Chooses among pieces.</param>
    /// <param name="spreading">How far the torrent is spread.</param>
    /// <param name="offersAll">We have every piece, and got none from peers.</param>
    public Suggester(PieceBoard board, List<PeerSession> sessions, Random random, Spreading spreading, bool offersAll)
    {
        _board = board;
        _sessions = sessions;
        _random = random;
        _spreading = spreading;
        _first = new FirstPieces(spreading.Time, isOver: !offersAll);
        if (offersAll)
        {
            Offer(Enumerable.Range(0, board.Grid.PieceCount));
        }
    }

    /// <summary>Called when others are to be served than before.</summary>
    public Action? Changed { get; set; }

    /// <summary>Called when there are more places than before.</summary>
    public Action? Widened { get; set; }

    /// <summary>Peers that it pays to serve at once, besides the optimistic one.</summary>
    public int Places => _first.Places;

    /// <summary>Whether a peer may be served that has a place.</summary>
    /// <param name="session">The peer.</param>
    /// <param name="isKept">It is the one that is served even when all others are not.</param>
    public bool MayServe(PeerSession session, bool isKept) => _spreading.Restraint switch
    {
        UploadRestraint.LastPieces => _suggested.TryGetValue(session, out var debt) && debt.Pieces.Count > 0,
        UploadRestraint.GiveWay => isKept,
        _ => true,
    };

    /// <summary>A peer suggested a piece to us; it hears of it if we have that already.</summary>
    public void Heard(PeerSession session, int piece)
    {
        session.Suggest(piece, isHad: _board.Have[piece]);
        if (_board.Have[piece])
        {
            session.Link.Outbox.PostPiece(MessageId.Have, piece);
        }
    }

    /// <summary>We have pieces that came from no peer: perhaps nobody else has them.</summary>
    public void Offer(IEnumerable<int> pieces)
    {
        foreach (var piece in pieces)
        {
            _unseen.Enqueue(piece);
        }

        if (!_isAlone)
        {
            Scatter();
        }

        Tick();
    }

    /// <summary>A peer got a piece.</summary>
    public void Got(PeerSession session, int piece)
    {
        if (_first.Got())
        {
            Widened?.Invoke();
        }

        if (_suggested.TryGetValue(session, out var debt) && debt.Pieces.Remove(piece))
        {
            // Who only says so has shown nothing.
            if (session.Link.Uploaded - debt.PaidAt >= _board.Grid.SizeOf(piece) / 2)
            {
                debt.PaidAt = session.Link.Uploaded;
                _spreading.Progress();
            }

            Look();
        }
        else if (_isAlone && _board.AvailabilityOf(piece) == 1)
        {
            // Somebody else gives what only we had: were both to go in order, everything would be given twice.
            _isAlone = false;
            Scatter();
        }
    }

    /// <summary>A peer has gone; what it was to get is for others.</summary>
    public void Left(PeerSession session)
    {
        if (_suggested.Remove(session, out var debt))
        {
            debt.Pieces.ForEach(_unseen.Enqueue);
            Look();
        }
    }

    /// <summary>Suggests pieces to a peer that is served, if there are any that nobody has.</summary>
    public void Suggest(PeerSession session)
    {
        if (IsServed(session))
        {
            SuggestNext(session);
        }
    }

    /// <summary>Suggests pieces to a peer that is about to be served: it begins with them, and not with what it would choose itself.</summary>
    public void SuggestNext(PeerSession session)
    {
        if (_unseen.Count == 0 || _board.Leeches < FewestPeers || !session.Link.IsFast || session.Pieces is null)
        {
            return;
        }

        if (!_suggested.TryGetValue(session, out var debt))
        {
            debt = _suggested[session] = new Debt { PaidAt = session.Link.Uploaded };
        }

        var owedBefore = Owed();

        var pieces = session.UploadRate / _board.Grid.PieceLength;
        var atOnce = Math.Max(Least, Unmeasured / _board.Grid.PieceLength) + pieces * Ahead.TotalSeconds;

        // The last ones in equal shares: what slow peers still owe when all is suggested, fast ones fetch a second time.
        atOnce = Math.Min(atOnce, Math.Max(1 + pieces * Asked.TotalSeconds, (double)_unseen.Count / _sessions.Count(other => other == session || IsServed(other))));
        while (debt.Pieces.Count < Math.Min(atOnce, Most) && _unseen.TryDequeue(out var piece))
        {
            if (_board.AvailabilityOf(piece) == 0)
            {
                debt.Pieces.Add(piece);
                session.Link.Outbox.PostPiece(MessageId.SuggestPiece, piece);
            }
        }

        // Only the first of all is a start: or who comes and goes would be one again and again.
        if (owedBefore == 0 && debt.Pieces.Count > 0)
        {
            _spreading.Progress();
        }

        Look();
    }

    /// <summary>The torrent stops.</summary>
    public void Close() => _spreading.End();

    private static bool IsServed(PeerSession session) => session.IsInterested && !session.Link.Outbox.IsChoked;

    /// <summary>Once a second: who is not served any more leaves its pieces to others.</summary>
    public void Tick()
    {
        foreach (var session in _sessions)
        {
            if (session.Link.Outbox.IsChoked)
            {
                Left(session);
            }

            Suggest(session);
        }

        if (_first.Tick(_sessions.Exists(IsServed)))
        {
            Widened?.Invoke();
        }

        Look();
    }

    private void Scatter()
    {
        var pieces = _unseen.ToArray();
        _random.Shuffle(pieces);
        _unseen = new Queue<int>(pieces);
    }

    private void Look()
    {
        if (_spreading.Look(_unseen.Count, Owed()))
        {
            Changed?.Invoke();
        }
    }

    private int Owed()
    {
        var owed = 0;
        foreach (var debt in _suggested.Values)
        {
            owed += debt.Pieces.Count;
        }

        return owed;
    }

    /// <summary>What a peer was suggested and has not said to have.</summary>
    private sealed class Debt
    {
        public List<int> Pieces { get; } = [];

        /// <summary>Bytes that it had been sent when it last got one.</summary>
        public long PaidAt { get; set; }
    }
}
