using System.Buffers;
using Pier.BitTorrent.Metadata;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Peers;

/// <summary>
/// What each message of a peer means: blocks go to their pieces and requests to the outbox at once, on the connection's own
/// thread; the rest becomes facts for the swarm.
/// </summary>
internal sealed class PeerMessageHandler(PeerLink link, ILinkOwner owner)
{
    /// <summary>Our id for ut_metadata: peers send it to us (BEP 10).</summary>
    public const byte OurMetadataId = 2;

    // Blocks may cross our cancels on the way; beyond this a peer is pushing data that nobody asked for.
    private const long MaxUnasked = 32L << 20;

    private long _unasked;

    /// <summary>Handles one message.</summary>
    /// <exception cref="WireException">It breaks the protocol.</exception>
    public void Handle(WireMessage message, List<PeerFact> facts)
    {
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
                facts.Add(new PeerFact(PeerFactKind.Bitfield, Payload: message.Payload.ToArray()));
                break;
            case MessageId.RejectRequest:
                HandleReject(message.ReadBlock(PieceCount), facts);
                break;
            case MessageId.AllowedFast:
                facts.Add(new PeerFact(PeerFactKind.AllowedFast, message.ReadPieceIndex(PieceCount)));
                break;
            case MessageId.SuggestPiece:
                message.ReadPieceIndex(PieceCount);
                break;
            case MessageId.Port:
                message.ReadPort();
                break;
            case MessageId.Extended:
                HandleExtended(message, facts);
                break;
            case MessageId.HashRequest:
                HandleHashRequest(message.Payload);
                break;
            case MessageId.Hashes:
                HashRequest.ParseAnswer(message.Payload, out _);
                facts.Add(new PeerFact(PeerFactKind.Hashes, Payload: message.Payload.ToArray()));
                break;
            case MessageId.HashReject:
                facts.Add(new PeerFact(PeerFactKind.HashReject, Payload: HashRequest.Parse(message.Payload)));
                break;
            default:
                HandleSimple(message, facts);
                break;
        }
    }

    // Before the metadata is known any index may be right; the swarm looks again when it is.
    private int PieceCount => owner.Content?.Grid.PieceCount ?? int.MaxValue;

    private static void HandleSimple(WireMessage message, List<PeerFact> facts)
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
            || !link.Requests.TryTake(block, out var buffer))
        {
            link.Wasted += data.Length;
            _unasked += data.Length;
            if (_unasked > MaxUnasked)
            {
                throw new WireException($"{_unasked} bytes of blocks that were not asked for");
            }

            return;
        }

        if (buffer!.TryWrite(block.Block, data, link.Origin))
        {
            facts.Add(new PeerFact(PeerFactKind.Block, block.Piece, block.Block));
        }
        else
        {
            link.Wasted += data.Length;
            facts.Add(new PeerFact(PeerFactKind.LateBlock, block.Piece, block.Block));
        }
    }

    private void HandleRequest(BlockRange range)
    {
        var content = owner.Content;
        if (content is not null && !content.Grid.Contains(range))
        {
            throw new WireException($"a request beyond the end of piece {range.Piece}: {range.Length} bytes at {range.Offset}");
        }

        if (content is not null && content.Have[range.Piece] && link.Outbox.TryQueueUpload(range))
        {
            link.Outbox.Wake();
        }
        else if (link.IsFast)
        {
            link.Outbox.PostBlocks(MessageId.RejectRequest, [range]);
        }
    }

    private void HandleCancel(BlockRange range)
    {
        if (link.Outbox.TryCancelUpload(range) && link.IsFast)
        {
            link.Outbox.PostBlocks(MessageId.RejectRequest, [range]);
        }
    }

    private void HandleReject(BlockRange range, List<PeerFact> facts)
    {
        if (owner.Content is { } content
            && content.Grid.TryBlockOf(range, out var block)
            && link.Requests.TryTake(block, out _))
        {
            facts.Add(new PeerFact(PeerFactKind.Reject, block.Piece, block.Block));
        }
    }

    private void HandleExtended(WireMessage message, List<PeerFact> facts)
    {
        var id = message.ReadExtended(out var body);
        if (id == ExtensionHandshake.Id)
        {
            var handshake = ExtensionHandshake.Parse(body);
            link.MetadataId = handshake.MetadataId;
            facts.Add(new PeerFact(PeerFactKind.ExtensionHandshake, Payload: handshake));
        }
        else if (id == OurMetadataId)
        {
            HandleMetadata(MetadataMessage.Parse(body, out var data), data, facts);
        }
    }

    private void HandleMetadata(MetadataMessage message, ReadOnlySpan<byte> data, List<PeerFact> facts)
    {
        switch (message.Kind)
        {
            case MetadataMessageKind.Request when link.MetadataId != 0:
                var answer = new ArrayBufferWriter<byte>();
                MetadataServer.Answer(message.Piece, owner.InfoOf(link.Remote.InfoHash).Span, answer);
                link.Outbox.PostExtended(link.MetadataId, answer.WrittenMemory);
                break;
            case MetadataMessageKind.Data when data.Length <= MetadataMessage.PieceSize:
                facts.Add(new PeerFact(PeerFactKind.Metadata, message.Piece, Payload: data.ToArray()));
                break;
            case MetadataMessageKind.Reject:
                facts.Add(new PeerFact(PeerFactKind.MetadataReject, message.Piece));
                break;
            case MetadataMessageKind.Data:
                throw new WireException($"{data.Length} bytes in one piece of an info dictionary");
        }
    }

    private void HandleHashRequest(ReadOnlySpan<byte> payload)
    {
        var request = HashRequest.Parse(payload);
        var answer = owner.Content is { } content ? HashServer.Answer(content.Metainfo, request) : null;
        link.Outbox.PostRaw(answer is null ? MessageId.HashReject : MessageId.Hashes, answer ?? payload[..HashRequest.Size].ToArray());
    }
}
