using System.Runtime.InteropServices;
using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Swarms.Meeting;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Swarms.Blocks;

/// <summary>Asks peers for blocks and keeps account of what came. Part of a swarm's loop.</summary>
internal sealed class Downloader
{
    // A peer that sends nothing for this long has others asked for what it owes.
    private static readonly TimeSpan StallAfter = TimeSpan.FromSeconds(10);

    // BEP 3: a peer that sends nothing for a minute snubs us.
    private static readonly TimeSpan SnubAfter = TimeSpan.FromSeconds(60);
    private const int MaxRejectsPerSecond = 64;

    private readonly SwarmPort _port;
    private readonly List<PeerSession> _sessions;
    private readonly PieceBoard _board;
    private readonly PiecePicker _picker;
    private readonly Action<int, PieceBuffer> _pieceComplete;
    private readonly PickRequest _request;
    private readonly List<BlockRange> _ranges = [];
    private readonly List<AskedBlock> _withdrawn = [];
    private readonly int _unit;

    /// <param name="port">The swarm's clock, settings and windows.</param>
    /// <param name="sessions">All peers; a live view.</param>
    /// <param name="board">The pieces.</param>
    /// <param name="picker">Chooses among the blocks.</param>
    /// <param name="pieceComplete">Takes a piece whose blocks have all come.</param>
    public Downloader(
        SwarmPort port, List<PeerSession> sessions, PieceBoard board, PiecePicker picker, Action<int, PieceBuffer> pieceComplete)
    {
        _port = port;
        _sessions = sessions;
        _board = board;
        _pieceComplete = pieceComplete;
        _picker = picker;
        _request = new PickRequest(board);
        _unit = Math.Max(1, board.Grid.BlockSize / WireLimits.BlockSize);
    }

    /// <summary>Bytes of blocks that came and were lost with pieces that were given up.</summary>
    public long Dropped { get; private set; }

    /// <summary>Asks a peer for as much as it should have outstanding.</summary>
    public void Fill(PeerSession session)
    {
        if (session.DryAt == _board.Open.Returns || session.Wanted == 0 || !session.IsAskable || session.Pieces is null || session.RecentRejects > MaxRejectsPerSecond || session.Link.IsClosing)
        {
            return;
        }

        // Topping up in small steps would cost a write and a search each: wait until a part of the pipeline is free.
        var outstanding = session.Link.Requests.Count;
        var pipeline = _port.Rank.Yields ? Math.Min(session.PipelineTarget, SwarmRank.YieldedPipeline) : session.PipelineTarget;
        var target = (pipeline + _unit - 1) / _unit;
        var wanted = target - outstanding;
        if (wanted <= 0 || (outstanding > 0 && wanted < target / 8))
        {
            return;
        }

        var askable = session.IsChoking ? AllowedOf(session) : session.Pieces;
        _request.Begin(session, askable, session.Suggested, wanted, session.Link.Requests, session.SuggestsEnough);
        var picked = _picker.Pick(_request);
        if (picked.Count == 0)
        {
            session.DryAt = _board.IsExhausted && !_request.IsSuggestedOnly ? _board.Open.Returns : null;
            return;
        }

        if (outstanding == 0)
        {
            session.LastBlockAt = _port.Time.GetTimestamp();
            session.IsTimed = true;
        }

        for (var place = 0; place < picked.Count; place++)
        {
            session.Link.Requests.Add(picked[place], _board.PartialOf(picked[place].Piece)!.Buffer);
        }

        Post(session, MessageId.Request, picked);
    }

    /// <summary>Asks every peer that has room for more.</summary>
    public void FillAll()
    {
        foreach (var session in _sessions)
        {
            session.DryAt = null;
            Fill(session);
        }
    }

    /// <summary>A block came, which the peer was asked for.</summary>
    /// <param name="session">The peer.</param>
    /// <param name="block">The block.</param>
    /// <param name="buffer">The memory that it was written to.</param>
    public void Received(PeerSession session, BlockRef block, PieceBuffer buffer)
    {
        Pipeline.Received(session, _unit, _port.Time, BoundOf(session));
        session.IsStalled = session.IsSnubbing = false;
        if (_board.PartialOf(block.Piece) is not { } partial || partial.Buffer != buffer)
        {
            // Its piece was given up, and perhaps begun again in other memory, while the report was on its way: somebody else may
            // be writing the same block there.
            Dropped += _board.Grid.RangeOf(block).Length;
            return;
        }

        var asked = partial.AskedOf(block.Block);
        if (!partial.Receive(block.Block))
        {
            return;
        }

        if (asked > 1)
        {
            CancelElsewhere(block);
        }

        if (partial.IsComplete)
        {
            var complete = _board.BeginCheck(partial);
            if (partial.HasStrays)
            {
                WithdrawPiece(block.Piece);
            }

            _pieceComplete(block.Piece, complete);
        }
    }

    /// <summary>A peer will not send a block that it was asked for.</summary>
    public void Rejected(PeerSession session, AskedBlock asked)
    {
        session.RecentRejects++;
        Release(asked);
    }

    /// <summary>A peer will send nothing of what it was asked for: it chokes, or has gone.</summary>
    public void ReleaseAll(PeerSession session)
    {
        var taken = session.Link.Requests.TakeAll();
        Array.ForEach(session.IsStalled ? [] : taken, Release);
    }

    /// <summary>A peer will send nothing of a piece that it was asked for.</summary>
    public void Release(PeerSession session, int piece)
    {
        var withdrawn = Withdraw(session, piece);
        if (!session.IsStalled)
        {
            withdrawn.ForEach(Release);
        }
    }

    /// <summary>A peer has gone: a piece that it alone was to send starts over.</summary>
    public void Left(PeerSession session)
    {
        ReleaseAll(session);
        foreach (var partial in _board.Partials.Where(partial => ReferenceEquals(partial.ExclusiveTo, session)).ToArray())
        {
            GiveUp(partial);
        }
    }

    /// <summary>Gives up an unfinished piece and what is asked for of it.</summary>
    public void GiveUp(PartialPiece partial)
    {
        for (var block = 0; block < partial.BlockCount; block++)
        {
            Dropped += partial.Has(block) ? _board.Grid.RangeOf(new BlockRef(partial.Piece, block)).Length : 0;
        }

        _board.Abandon(partial);
        WithdrawPiece(partial.Piece);
    }

    /// <summary>Once a second: who stalls is noticed.</summary>
    public void Tick()
    {
        foreach (var session in _sessions)
        {
            session.RecentRejects = 0;
            NoticeStall(session);
        }

        MakeRoom();
        FillAll();
    }

    private void Post(PeerSession session, MessageId id, IReadOnlyList<BlockRef> blocks)
    {
        _ranges.Clear();
        for (var place = 0; place < blocks.Count; place++)
        {
            _ranges.Add(_board.Grid.RangeOf(blocks[place]));
        }

        session.Link.Outbox.PostBlocks(id, CollectionsMarshal.AsSpan(_ranges));
    }

    private int BoundOf(PeerSession session) =>
        Math.Min(_port.Options.MaxPipeline, session.Extension?.RequestQueue ?? _port.Options.MaxPipeline);

    private static Bitfield AllowedOf(PeerSession session)
    {
        var allowed = new Bitfield(session.Pieces!.Length);
        foreach (var piece in session.AllowedFast)
        {
            if (session.Pieces[piece])
            {
                allowed.Add(piece);
            }
        }

        return allowed;
    }

    private void NoticeStall(PeerSession session)
    {
        if (session.Link.Requests.Count == 0)
        {
            session.IsStalled = session.IsSnubbing = false;
            return;
        }

        var silence = _port.Time.GetElapsedTime(session.LastBlockAt);
        session.IsSnubbing = silence >= SnubAfter;
        if (silence >= StallAfter && !session.IsStalled)
        {
            // What it owes stays asked, so that late blocks are welcome; but others may be asked too.
            session.IsStalled = true;
            Array.ForEach(session.Link.Requests.All(), Release);
        }
    }

    /// <summary>When memory is full of pieces that no peer here can finish, one of them makes room.</summary>
    private void MakeRoom()
    {
        if (_board.AllStarted || _sessions.Any(session => session.Link.Requests.Count > 0))
        {
            return;
        }

        var hopeless = _board.Partials.FirstOrDefault(partial => _board.AvailabilityOf(partial.Piece) == 0);
        if (hopeless is not null && _sessions.Any(session => session.Wanted > 0 && !session.IsChoking))
        {
            GiveUp(hopeless);
        }
    }

    // What was asked for a reader, or for memory that was given up, counts for nothing in the piece as it is now.
    private void Release(AskedBlock asked)
    {
        if (_board.PartialOf(asked.Block.Piece) is { } partial && partial.Buffer == asked.Buffer)
        {
            partial.Release(asked.Block.Block);
        }
    }

    private void CancelElsewhere(BlockRef block)
    {
        foreach (var session in _sessions)
        {
            if (session.Link.Requests.TryTake(block))
            {
                session.Link.Outbox.PostBlocks(MessageId.Cancel, _board.Grid.RangeOf(block));
            }
        }
    }

    private void WithdrawPiece(int piece)
    {
        foreach (var session in _sessions)
        {
            var withdrawn = Withdraw(session, piece);
            if (withdrawn.Count > 0)
            {
                Post(session, MessageId.Cancel, withdrawn.ConvertAll(asked => asked.Block));
            }
        }
    }

    // Valid until the next call.
    private List<AskedBlock> Withdraw(PeerSession session, int piece)
    {
        _withdrawn.Clear();
        session.Link.Requests.TakePiece(piece, _withdrawn);
        return _withdrawn;
    }
}
