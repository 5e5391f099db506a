using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Swarms.Meeting;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Swarms.Blocks;

/// <summary>
/// What becomes of pieces that fail their hash: who lied is found out and banned, and what was good of them is kept where that
/// can be known. Part of a swarm's loop.
/// </summary>
internal sealed class FailedPieces
{
    private readonly EngineServices _services;
    private readonly TorrentId _id;
    private readonly PeerTable _peers;
    private readonly PieceBoard _board;
    private readonly Downloader _downloader;
    private readonly PieceTrials _trials;

    public FailedPieces(EngineServices services, TorrentId id, PeerTable peers, PieceBoard board, Downloader downloader, Metainfo metainfo)
    {
        _services = services;
        _id = id;
        _peers = peers;
        _board = board;
        _downloader = downloader;
        _trials = new PieceTrials(metainfo, peers.Sessions, services.Time, Judged, TakeAll);
    }

    /// <summary>Pieces that failed their hash.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of blocks that were thrown away with them.</summary>
    public long Bytes { get; private set; }

    /// <summary>A piece failed.</summary>
    public void Add(PieceOutcome outcome)
    {
        Count++;
        var contributors = outcome.Evidence!.Contributors;
        _services.Log.PieceFailed(_id, outcome.Piece, contributors.Count);
        if (contributors is [_])
        {
            Accuse(contributors, outcome.Piece);
        }

        if (!_trials.TryBegin(outcome))
        {
            TakeAll(outcome);
        }
    }

    /// <summary>Bans who sent bad blocks.</summary>
    public void Accuse(IReadOnlyList<PeerOrigin> culprits, int piece)
    {
        foreach (var culprit in culprits)
        {
            _peers.Ban(culprit, $"it sent bad blocks of piece {piece}", _id);
        }
    }

    /// <summary>A peer sent hashes; false when they are nothing that was asked for here.</summary>
    /// <exception cref="WireException">The message is malformed.</exception>
    public bool Receive(PeerSession session, byte[] payload)
    {
        var answer = _trials.Receive(session, payload);
        if (answer == false)
        {
            _peers.Ban(session.Link.Origin, "its block hashes do not hash to the piece", _id);
        }

        return answer is not null;
    }

    /// <summary>A peer will not send hashes; false when it was not asked for them here.</summary>
    public bool Reject(PeerSession session, HashRequest request) => _trials.Reject(session, request);

    /// <summary>A peer has gone.</summary>
    public void Left(PeerSession session) => _trials.Left(session);

    /// <summary>Once a second.</summary>
    public void Tick() => _trials.Tick();

    /// <summary>The torrent stops: memory is given back.</summary>
    public void Close() => _trials.Close();

    /// <summary>The blocks of a piece are judged: the good ones stay.</summary>
    private void Judged(PieceOutcome outcome, Bitfield good)
    {
        if (good.IsFull)
        {
            // The halves of a hybrid disagree: nobody lied, and the tree cannot help.
            TakeAll(outcome);
            return;
        }

        for (var block = 0; block < good.Length; block++)
        {
            Bytes += good[block] ? 0 : _board.Grid.RangeOf(new BlockRef(outcome.Piece, block)).Length;
        }

        _board.Resume(outcome.Piece, outcome.Buffer, good);
        Accuse(outcome.Evidence!.SendersOfAllBut(good), outcome.Piece);
        _downloader.FillAll();
    }

    /// <summary>Nobody tells which blocks are bad: one peer alone is to send the whole piece.</summary>
    private void TakeAll(PieceOutcome outcome)
    {
        Bytes += outcome.Buffer.Length;
        outcome.Buffer.Recycle();
        _board.Fail(outcome.Piece, fromOnePeer: true);
        _downloader.FillAll();
    }
}
