using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Hashing;
using Pier.BitTorrent.Metadata;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Swarms.Meeting;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Swarms.Blocks;

/// <summary>
/// Fetches single blocks for readers who jump: together with the hashes that prove them (BEP 52), so that 4 KiB need not wait
/// for a whole piece. One peer is asked for both; who lies is banned and another asked. Part of a swarm's loop.
/// </summary>
internal sealed class SpotFetch(SwarmPort port, EngineServices services, SwarmSpec spec, PeerTable peers, PieceBoard board, Metainfo metainfo)
{
    private const int MaxSpots = 256;

    // Who is sent more hashes than that hangs up, as we do.
    private const int MaxPerSecond = 192;

    private static readonly TimeSpan AskAnotherAfter = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(6);

    private readonly List<Spot> _spots = [];
    private readonly Queue<BlockSpan> _later = new();
    private readonly SpotRequests _requests = new(board.Grid);
    private int _begun;

    /// <summary>Fetches some blocks, or says that it cannot be done so.</summary>
    public void Want(BlockSpan span)
    {
        if (board.Have[span.Piece])
        {
            port.Proved.Settle(span);
        }
        else if (!metainfo.HasV2 || board.Grid.BlockSize != MerkleTree.BlockSize || (peers.Sessions.Count > 0 && !peers.Sessions.Any(SpeaksV2)))
        {
            port.Proved.Refuse(span, isForAll: true);
        }
        else if (_spots.Count + _later.Count >= MaxSpots || board.PartialOf(span.Piece) is not null || !BlockTree.Covers(metainfo, span.Piece) || Spot.RequestFor(metainfo, span) is not { } request)
        {
            port.Proved.Refuse(span, isForAll: false);
        }
        else if (_begun == MaxPerSecond)
        {
            _later.Enqueue(span);
            return;
        }
        else
        {
            _begun++;
            var spot = new Spot(span, request, port.Time.GetTimestamp());
            _spots.Add(spot);
            Ask(spot);
            return;
        }

        port.Arrivals.Tell();
    }

    /// <summary>A block came; false when it was not asked for here.</summary>
    public bool Received(PeerSession session, BlockRef block, PieceBuffer buffer)
    {
        foreach (var spot in _spots)
        {
            if (spot.Buffer == buffer)
            {
                session.LastBlockAt = port.Time.GetTimestamp();
                session.IsStalled = session.IsSnubbing = false;
                spot.Come(block.Block);
                Prove(spot);
                return true;
            }
        }

        return false;
    }

    /// <summary>A peer will not send a block; false when it was not asked for it here.</summary>
    public bool Rejected(PeerSession session, PieceBuffer buffer)
    {
        var refused = _spots.Find(spot => spot.Buffer == buffer);
        if (refused?.Asked == session)
        {
            AskAnother(refused);
        }

        return refused is not null;
    }

    /// <summary>A peer sent hashes.</summary>
    /// <returns>False when nobody asked for them here.</returns>
    /// <exception cref="WireException">The message is malformed.</exception>
    public bool Receive(PeerSession session, ReadOnlySpan<byte> payload)
    {
        var request = HashRequest.ParseAnswer(payload, out var nodes);
        if (_spots.Find(spot => spot.Request == request && spot.Asked == session && spot.Leaves is null) is not { } spot)
        {
            return false;
        }

        if (BlockProof.Proves(metainfo, spot.Span.Piece, request, nodes))
        {
            spot.Leaves = nodes[..(request.Length * MerkleTree.HashSize)].ToArray();
            Prove(spot);
        }
        else
        {
            AskAnother(spot);
            peers.Ban(session.Link.Origin, "its block hashes do not hash to the piece", spec.Id);
        }

        return true;
    }

    /// <summary>A peer will not send hashes; false when it was not asked for them here.</summary>
    public bool Reject(PeerSession session, HashRequest request)
    {
        var refused = _spots.Find(spot => spot.Request == request && spot.Asked == session);
        if (refused is not null)
        {
            AskAnother(refused);
        }

        return refused is not null;
    }

    /// <summary>A peer answers requests, or has told more of its pieces: who waits may be asked for of it.</summary>
    public void Look()
    {
        foreach (var spot in _spots.Count == 0 ? [] : _spots.Where(spot => spot.Asked is null).ToArray())
        {
            Ask(spot);
        }
    }

    /// <summary>A peer answers no more.</summary>
    /// <param name="session">Which.</param>
    /// <param name="isGone">Whether for good.</param>
    public void Left(PeerSession session, bool isGone)
    {
        foreach (var spot in _spots.Count == 0 ? [] : _spots.Where(spot => spot.Asked == session).ToArray())
        {
            spot.Asked = isGone ? session : null;
            AskAnother(spot);
        }
    }

    /// <summary>Once a second: who is slow is not waited for, and what nobody sends is left to whole pieces.</summary>
    public void Tick()
    {
        _begun = 0;
        foreach (var spot in _spots.Count == 0 ? [] : _spots.ToArray())
        {
            if (port.Time.GetElapsedTime(spot.WantedAt) > Patience || board.Have[spot.Span.Piece] || board.PartialOf(spot.Span.Piece) is not null)
            {
                port.Proved.Refuse(spot.Span, isForAll: false);
                End(spot);
            }
            else if (spot.Asked is null)
            {
                // Somebody may yet come, tell its pieces, or let us ask.
                Ask(spot);
            }
            else if (port.Time.GetElapsedTime(spot.AskedAt) > AskAnotherAfter)
            {
                AskAnother(spot);
            }
        }

        for (var left = _later.Count; left > 0 && _begun < MaxPerSecond; left--)
        {
            Want(_later.Dequeue());
        }
    }

    /// <summary>The torrent stops: memory is given back.</summary>
    public void Close()
    {
        _later.Clear();
        foreach (var spot in _spots.ToArray())
        {
            End(spot);
        }
    }

    private bool SpeaksV2(PeerSession session) => session.Link.Remote.SpeaksV2(metainfo.Id) && !session.Link.IsClosing;

    private bool MayTell(PeerSession session, int piece) => SpeaksV2(session) && session.Pieces?[piece] != false;

    private bool MaySend(PeerSession session, Spot spot) =>
        session.Pieces?[spot.Span.Piece] == true && MayTell(session, spot.Span.Piece) && !spot.Unable.Contains(session)
        && (!session.IsChoking || (session.IsAskable && session.AllowedFast.Contains(spot.Span.Piece)));

    private void AskAnother(Spot spot)
    {
        if (spot.Asked is { } former)
        {
            spot.Unable.Add(former);
            spot.Asked = null;
        }

        Ask(spot);
        if (spot.Asked is null && !peers.Sessions.Any(session => MayTell(session, spot.Span.Piece) && !spot.Unable.Contains(session)))
        {
            port.Proved.Refuse(spot.Span, isForAll: false);
            End(spot);
        }
    }

    private void Ask(Spot spot)
    {
        if (peers.Sessions.Where(session => MaySend(session, spot)).MinBy(session => session.Link.Requests.Count) is not { } session)
        {
            return;
        }

        spot.Asked = session;
        spot.AskedAt = port.Time.GetTimestamp();
        session.LastBlockAt = session.Link.Requests.Count == 0 ? spot.AskedAt : session.LastBlockAt;
        spot.Buffer ??= Rent(spot.Span);
        _requests.Post(session, spot);
    }

    private PieceBuffer Rent(BlockSpan span)
    {
        var start = span.First * board.Grid.BlockSize;
        var length = Math.Min(span.Count * board.Grid.BlockSize, board.Grid.SizeOf(span.Piece) - start);
        return services.Memory.TryRent(length, board.Grid.BlockSize, mayExceed: true, span.First)!;
    }

    private void Prove(Spot spot)
    {
        if (spot.Leaves is not { } leaves || !spot.IsHere)
        {
            return;
        }

        if (spot.FirstBad(metainfo, leaves) is { } bad)
        {
            Accuse(spot, bad);
            return;
        }

        for (var block = spot.Span.First; block < spot.Span.End; block++)
        {
            port.Proved.Add(new BlockRef(spot.Span.Piece, block), spot.Buffer!.BlockSpan(block));
        }

        port.Proved.Settle(spot.Span);
        End(spot);
    }

    private void Accuse(Spot spot, int block)
    {
        var liar = (PeerOrigin)spot.Buffer!.ContributorOf(block)!;
        spot.Buffer.Clear(block);
        spot.Lose(block);
        AskAnother(spot);
        peers.Ban(liar, $"it sent a bad block of piece {spot.Span.Piece}", spec.Id);
    }

    private void End(Spot spot)
    {
        _spots.Remove(spot);
        if (spot.Buffer is { } buffer)
        {
            foreach (var session in peers.Sessions)
            {
                _requests.Withdraw(session, buffer);
            }

            if (spot.IsHere)
            {
                buffer.Recycle();
            }
            else
            {
                buffer.Abandon();
            }
        }

        port.Arrivals.Tell();
    }
}
