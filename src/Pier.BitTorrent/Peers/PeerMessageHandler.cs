using Pier.BitTorrent.Hashing;
using Pier.BitTorrent.Metadata;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Peers;

/// <summary>
/// What each message of a peer means: blocks go to their pieces and requests to the outbox at once, on the connection's own
/// thread; the rest becomes facts for the swarm.
/// </summary>
internal sealed class PeerMessageHandler(PeerLink link, ILinkOwner owner)
{
    // Blocks may cross our cancels on the way; beyond this a peer is pushing data that nobody asked for.
    private const long MaxUnasked = 32L << 20;

    private readonly StrayBudget _strays = new(owner.Time);
    private readonly ExtendedMessageHandler _extended = new(link, owner);
    private long _unasked;
    private bool _hasToldPieces;
    private bool _hasToldAll;
    private bool _hasTraded;

    /// <summary>Handles one message.</summary>
    /// <exception cref="WireException">It breaks the protocol.</exception>
    public void Handle(WireMessage message, List<PeerFact> facts)
    {
        var isLate = IsLate(message.Id);
        switch (message.Id)
        {
            case MessageId.Piece:
                HandlePiece(message, facts);
                break;
            case MessageId.Request:
                HandleRequest(message.ReadBlock(PieceCount));
                break;
            case MessageId.Cancel:
                HandleCancel(message.ReadBlock(PieceCount));
                break;
            case MessageId.Have:
                facts.Add(new PeerFact(PeerFactKind.Have, message.ReadPieceIndex(PieceCount)));
                break;
            case MessageId.Bitfield:
                facts.Add(new PeerFact(isLate ? PeerFactKind.MorePieces : PeerFactKind.Bitfield, Payload: message.Payload.ToArray()));
                break;
            case MessageId.RejectRequest:
                HandleReject(message.ReadBlock(PieceCount), facts);
                break;
            case MessageId.AllowedFast:
                _strays.Spend("an allowed fast");
                facts.Add(new PeerFact(PeerFactKind.AllowedFast, message.ReadPieceIndex(PieceCount)));
                break;
            case MessageId.SuggestPiece:
                _strays.Spend("a suggestion");
                facts.Add(new PeerFact(PeerFactKind.Suggest, message.ReadPieceIndex(PieceCount)));
                break;
            case MessageId.Port:
                facts.Add(new PeerFact(PeerFactKind.DhtPort, message.ReadPort()));
                _strays.Spend("a DHT port");
                break;
            case MessageId.Extended:
                _extended.Handle(message, _strays, facts);
                break;
            case MessageId.HashRequest:
                HandleHashRequest(message.Payload);
                break;
            case MessageId.Hashes:
                HashRequest.ParseAnswer(message.Payload, out _);
                _strays.Spend("hashes");
                facts.Add(new PeerFact(PeerFactKind.Hashes, Payload: message.Payload.ToArray()));
                break;
            case MessageId.HashReject:
                _strays.Spend("a hash reject");
                facts.Add(new PeerFact(PeerFactKind.HashReject, Payload: HashRequest.Parse(message.Payload)));
                break;
            default:
                HandleSimple(message, facts);
                break;
        }
    }

    // Before the metadata is known any index may be right; the swarm looks again when it is.
    private int PieceCount => owner.Content?.Grid.PieceCount ?? int.MaxValue;

    /// <summary>
    /// Which pieces a peer has it tells once, and before it trades (BEP 3, 6); clients that began with a magnet link tell it
    /// late, and aria2 sends another bitfield in place of many haves. Whether a message is such a later one.
    /// </summary>
    private bool IsLate(MessageId id)
    {
        if (id is not (MessageId.Bitfield or MessageId.HaveAll or MessageId.HaveNone))
        {
            _hasTraded |= id is MessageId.Request or MessageId.Piece or MessageId.Cancel;
            return false;
        }

        var isLate = _hasToldPieces || _hasTraded;
        _hasToldPieces = true;
        if (isLate && (id == MessageId.HaveNone || _hasToldAll))
        {
            throw new WireException($"{id} after it had told its pieces, or begun to trade");
        }

        _hasToldAll |= id == MessageId.HaveAll;
        return isLate;
    }

    private void HandleSimple(WireMessage message, List<PeerFact> facts)
    {
        PeerFactKind? kind = message.Id switch
        {
            MessageId.Choke => PeerFactKind.Choke,
            MessageId.Unchoke => PeerFactKind.Unchoke,
            MessageId.Interested => PeerFactKind.Interested,
            MessageId.NotInterested => PeerFactKind.NotInterested,
            MessageId.HaveAll => PeerFactKind.HaveAll,
            MessageId.HaveNone => PeerFactKind.HaveNone,
            _ => null,
        };
        _strays.Spend($"message {message.Id}");
        // Messages that no specification names are passed over, as BEP 3 clients always have.
        if (kind is { } known)
        {
            message.ReadEmpty();
            facts.Add(new PeerFact(known));
        }
    }

    private void HandlePiece(WireMessage message, List<PeerFact> facts)
    {
        var range = message.ReadPiece(PieceCount, out var data);
        link.Downloaded += data.Length;
        if (owner.Content is not { } content
            || !content.Grid.TryBlockOf(range, out var block)
            || !link.Requests.TryTake(block, link.Origin, out var buffer))
        {
            link.Unrequested += data.Length;
            _unasked += data.Length;
            if (_unasked > MaxUnasked)
            {
                throw new WireException($"{_unasked} bytes of blocks that were not asked for");
            }

            return;
        }

        if (buffer is not null)
        {
            buffer.Write(block.Block, data);
            facts.Add(new PeerFact(PeerFactKind.Block, block.Piece, block.Block, buffer));
        }
        else
        {
            link.Duplicate += data.Length;
            facts.Add(new PeerFact(PeerFactKind.LateBlock, block.Piece, block.Block));
        }
    }

    private void HandleRequest(BlockRange range)
    {
        var content = owner.Content;
        // In v2-only torrents libtorrent 2.0 pads the last piece of each file, asks for the padding, and sends zeros for it.
        if (content is not null && !content.Grid.Contains(range) && (content.Metainfo.HasV1 || !content.Grid.ContainsPadded(range)))
        {
            throw new WireException($"a request beyond the end of piece {range.Piece}: {range.Length} bytes at {range.Offset}");
        }

        if (content is not null && content.Have[range.Piece] && link.Outbox.TryQueueUpload(range))
        {
            link.Outbox.Wake();
        }
        else
        {
            _strays.Spend("a request that is not served now");
            if (link.IsFast)
            {
                link.Outbox.PostBlocks(MessageId.RejectRequest, range);
            }
        }
    }

    private void HandleCancel(BlockRange range)
    {
        _strays.Spend("a cancel");
        if (link.Outbox.TryCancelUpload(range) && link.IsFast)
        {
            link.Outbox.PostBlocks(MessageId.RejectRequest, range);
        }
    }

    private void HandleReject(BlockRange range, List<PeerFact> facts)
    {
        if (owner.Content is { } content
            && content.Grid.TryBlockOf(range, out var block)
            && link.Requests.TryTake(block, out var buffer))
        {
            facts.Add(new PeerFact(PeerFactKind.Reject, block.Piece, block.Block, buffer));
        }
        else
        {
            _strays.Spend("a reject of what was not asked for");
        }
    }

    private void HandleHashRequest(ReadOnlySpan<byte> payload)
    {
        var request = HashRequest.Parse(payload);
        var content = owner.Content;
        if (content is not null && request.BaseLayer < MerkleTree.PieceLayerHeight(content.Metainfo.PieceLength)
            && link.Outbox.TryQueueHashes(request))
        {
            link.Outbox.Wake();
            return;
        }

        _strays.Spend("a hash request that is not served now");
        var answer = content is null ? null : HashServer.Answer(content.Metainfo, request);
        link.Outbox.PostRaw(answer is null ? MessageId.HashReject : MessageId.Hashes, answer ?? payload[..HashRequest.Size].ToArray());
    }
}
