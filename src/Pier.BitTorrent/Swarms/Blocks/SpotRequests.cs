using System.Runtime.InteropServices;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Swarms.Meeting;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Swarms.Blocks;

/// <summary>What peers are told of single blocks: that they are wanted, with the hashes that prove them, or not any more. Part of a swarm's loop.</summary>
internal sealed class SpotRequests(PieceGrid grid)
{
    private readonly List<BlockRange> _ranges = [];
    private readonly List<AskedBlock> _withdrawn = [];

    /// <summary>Asks a peer for what is missing of a spot, whose buffer is there.</summary>
    public void Post(PeerSession session, Spot spot)
    {
        _ranges.Clear();
        for (var block = spot.Span.First; block < spot.Span.End; block++)
        {
            var wanted = new BlockRef(spot.Span.Piece, block);
            if (!spot.Has(block))
            {
                session.Link.Requests.Add(wanted, spot.Buffer!);
                _ranges.Add(grid.RangeOf(wanted));
            }
        }

        if (spot.Leaves is null)
        {
            var payload = new byte[HashRequest.Size];
            spot.Request.CopyTo(payload);
            session.Link.Outbox.PostRaw(MessageId.HashRequest, payload);
        }

        if (_ranges.Count > 0)
        {
            session.Link.Outbox.PostBlocks(MessageId.Request, CollectionsMarshal.AsSpan(_ranges));
        }
    }

    /// <summary>Wants nothing more of a peer for some memory; it is told, so that it does not send in vain what nobody takes.</summary>
    public void Withdraw(PeerSession session, PieceBuffer buffer)
    {
        _withdrawn.Clear();
        session.Link.Requests.TakeInto(buffer, _withdrawn);
        if (_withdrawn.Count > 0)
        {
            _ranges.Clear();
            _ranges.AddRange(_withdrawn.Select(asked => grid.RangeOf(asked.Block)));
            session.Link.Outbox.PostBlocks(MessageId.Cancel, CollectionsMarshal.AsSpan(_ranges));
        }
    }
}
