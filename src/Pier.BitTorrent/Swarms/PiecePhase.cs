using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Provisional;
using Pier.BitTorrent.Swarms.Blocks;
using Pier.BitTorrent.Swarms.Meeting;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Wire;
using Pier.Content;

namespace Pier.BitTorrent.Swarms;

/// <summary>A swarm from the moment its torrent is known: who has which pieces, and which have come. Part of a swarm's loop.</summary>
internal sealed class PiecePhase
{
    private readonly SwarmPort _port;
    private readonly PeerTable _peers;
    private readonly Uploader _uploader;
    private readonly PieceBoard _board;
    private readonly TorrentContent _content;
    private readonly PieceChecker _checker;
    private readonly PeerHoldings _holdings;
    private readonly PieceFacts _facts;
    private readonly PeerInterest _interest;
    private readonly Suggester _suggester;
    private readonly SuperSeeding? _super;
    private readonly Action _complete;
    private readonly IProvisionalRole? _provisional;

    public PiecePhase(
        SwarmPort port, EngineServices services, SwarmSpec spec, PeerTable peers, Uploader uploader, SwarmEvent.StorageOpened opened, Action complete)
    {
        _port = port;
        _peers = peers;
        _uploader = uploader;
        _complete = complete;
        _board = new PieceBoard(PieceGrid.Of(opened.Metainfo.Layout, services.BlockSize), services.Memory);
        _content = new TorrentContent(opened.Metainfo, _board.Grid, _board.Have, opened.Storage);
        _interest = new PeerInterest(_board, peers.Sessions);
        _checker = new PieceChecker(port, services, _content, _board);
        Downloader = new Downloader(port, peers.Sessions, _board, services.Picker(port.Windows, services.Random), _checker.Check);
        _provisional = ProvisionalRole.Of(port, services.Time, peers, _board.Have, Apply, AfterReport);
        foreach (var piece in _checker.Proved())
        {
            _board.Finish(piece);
        }

        Selection = new PieceSelection(_board, opened.Metainfo.Layout, port.Windows, _interest, Downloader, _checker);
        if (opened.Files is { } files)
        {
            Selection.Choose(files);
        }

        _super = spec.SuperSeed && IsSeed ? new SuperSeeding(_board, peers.Sessions, services.Random, port.Time) : null;
        Failures = new FailedPieces(services, spec.Id, peers, _board, Downloader, opened.Metainfo);
        _suggester = new Suggester(_board, peers.Sessions, services.Random, new Spreading(_board, services.Spreading, services.Time), offersAll: IsSeed && _super is null);
        uploader.Follow(_suggester);
        uploader.Hold(_board.Have);
        _holdings = new PeerHoldings(_board, Downloader, _super, _suggester);
        Spots = new SpotFetch(port, services, spec, peers, _board, opened.Metainfo);
        _facts = new PieceFacts(_board, Downloader, Spots, _holdings, _suggester);
    }

    /// <summary>Asks for blocks.</summary>
    public Downloader Downloader { get; }

    /// <summary>Fetches blocks for readers who jump.</summary>
    public SpotFetch Spots { get; }

    /// <summary>Says which pieces are wanted.</summary>
    public PieceSelection Selection { get; }

    /// <summary>Whether every selected piece is stored.</summary>
    public bool IsComplete => _board.Demand.Missing == 0;

    /// <summary>Whether everything was here from the start.</summary>
    public bool IsSealed => _content.Storage.IsSealed;

    /// <summary>Whether every piece is stored, selected or not.</summary>
    public bool IsSeed => _board.Have.IsFull;

    /// <summary>Whether peers may yet have something for us.</summary>
    public bool WantsMore => _board.Demand.WantsMore;

    /// <summary>What is had, in hand and missing.</summary>
    public PieceBoard Board => _board;

    /// <summary>Whether pieces are shown one after another, so that peers must not know that all are here (BEP 16).</summary>
    public bool IsSuperSeed => _super is not null;

    /// <summary>Pieces that failed their hash.</summary>
    public FailedPieces Failures { get; }

    /// <summary>Lets connections serve and receive, and hears again what peers said before.</summary>
    public void Start()
    {
        _port.Content = _content;
        _port.Arrivals.Tell();
        foreach (var session in _peers.Sessions)
        {
            if (_super is null)
            {
                PieceNews.TellLate(session.Link, _board.Have);
            }

            Admit(session);
        }
    }

    /// <summary>A peer connected: it hears what we have.</summary>
    public void Join(PeerSession session)
    {
        if (_super is null && _port.Provisional is not { Vouches: true })
        {
            PieceNews.Tell(session.Link, _board.Have);
        }

        Admit(session);
    }

    /// <summary>A peer has gone.</summary>
    public void Left(PeerSession session)
    {
        _holdings.Left(session);
        Failures.Left(session);
        Spots.Left(session, isGone: true);
        _provisional?.Left(session);
        Downloader.Left(session);
        Downloader.FillAll();
    }

    /// <summary>A peer said something about pieces.</summary>
    /// <exception cref="WireException">It cannot be true of this torrent.</exception>
    public void Apply(PeerSession session, PeerFact fact)
    {
        if (_provisional?.Keeps(session, fact) != true)
        {
            _facts.Apply(session, fact);
        }
    }

    /// <summary>Everything of a report is applied: ask for more, and say whether we want to.</summary>
    public void AfterReport(PeerSession session)
    {
        _provisional?.Look(session);
        PeerInterest.Show(session);
        _checker.LookAtHeld();
        Spots.Look();
        Downloader.Fill(session);
        _suggester.Suggest(session);
    }

    /// <summary>Whether a peer may be served.</summary>
    public bool Serves(PeerSession session) => _provisional?.Serves(session) != false;

    /// <summary>A peer said hello, or that it uploads only.</summary>
    public void Greeted(PeerSession session) => _holdings.DropUseless(session);

    /// <summary>A piece was checked.</summary>
    public void Checked(PieceOutcome outcome)
    {
        _board.EndCheck(outcome.Piece);
        if (outcome.Failure is { } failure)
        {
            outcome.Buffer.Recycle();
            Break(failure);
            return;
        }

        _checker.Done(outcome);
        if (!outcome.Passed)
        {
            Failures.Add(outcome);
            return;
        }

        Failures.Accuse(outcome.Culprits, outcome.Piece);
        Store(outcome.Piece);
        outcome.Buffer.Recycle();
        if (_board.TakeRefusal())
        {
            Downloader.FillAll();
        }
    }

    /// <summary>Pieces are in the storage that came by another way, and have been checked.</summary>
    public void Stored(IReadOnlyList<int> pieces)
    {
        foreach (var piece in pieces)
        {
            if (_board.PartialOf(piece) is { } partial)
            {
                Downloader.GiveUp(partial);
            }

            Store(piece);
        }

        if (_provisional is null)
        {
            _suggester.Offer(pieces);
        }
    }

    /// <summary>A range came into the storage by another way: the pieces within are checked there.</summary>
    public void CheckStored(ByteRange range) =>
        _checker.CheckStored([.. _board.Grid.PiecesWithin(range).Where(piece => !_board.Have[piece])]);

    /// <summary>The torrent stops: memory is given back.</summary>
    public void Close()
    {
        Failures.Close();
        Spots.Close();
        _suggester.Close();
        foreach (var partial in _board.Partials.ToArray())
        {
            _board.Abandon(partial);
        }

        _checker.Close();
    }

    /// <summary>Once a second.</summary>
    public void Tick()
    {
        _checker.Tick();
        _provisional?.Tick();
        Downloader.Tick();
        Failures.Tick();
        Spots.Tick();
        _super?.Tick();
        _suggester.Tick();
    }

    private void Break(Exception failure) =>
        _port.Tasks.Run(() => _port.PostAsync(new SwarmEvent.Broken(failure), CancellationToken.None).AsTask());

    private void Admit(PeerSession session)
    {
        _holdings.Join(session);
        _super?.Join(session);
        try
        {
            foreach (var fact in session.EarlyFacts)
            {
                Apply(session, fact);
            }

            session.EarlyFacts.Clear();
            AfterReport(session);
            Greeted(session);
        }
        catch (WireException broken)
        {
            session.Link.Break(broken);
        }
    }

    private void Store(int piece)
    {
        if (_board.Have[piece])
        {
            return;
        }

        var wasWanted = _board.Demand.Wanted[piece];
        var isLast = _board.Finish(piece);
        _interest.Had(piece, wasWanted, isTold: _provisional?.Announces(piece) == true);
        _uploader.Hold(_board.Have);
        _port.Arrivals.Tell();
        if (isLast)
        {
            _complete();
        }
    }
}
