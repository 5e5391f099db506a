using System.Buffers;
using System.Buffers.Binary;
using Pier.BitTorrent.Metadata;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Peers;

/// <summary>What each extended message of a peer means (BEP 9, 10, 11, 21, 54): answered at once, or made a fact for the swarm.</summary>
internal sealed class ExtendedMessageHandler(PeerLink link, ILinkOwner owner)
{
    // Parsing one is dear; honest peers send two or three.
    private const int HandshakeCost = 64;

    // At most once a minute, by BEP 11.
    private const int PexCost = 8;

    // Every piece a few times over: whoever asks more often does not want the info dictionary.
    private const int MetadataRounds = 4;

    private int _metadataRequests;

    /// <summary>Handles one message.</summary>
    /// <exception cref="WireException">It breaks the protocol.</exception>
    public void Handle(WireMessage message, StrayBudget strays, List<PeerFact> facts)
    {
        var id = message.ReadExtended(out var body);
        if (id == ExtensionHandshake.Id)
        {
            strays.Spend("an extension handshake", HandshakeCost);
            var handshake = ExtensionHandshake.Parse(body);
            link.Ids = handshake.Ids;
            facts.Add(new PeerFact(PeerFactKind.ExtensionHandshake, Payload: handshake));
        }
        else if (id == ExtensionIds.Ours.Metadata)
        {
            HandleMetadata(MetadataMessage.Parse(body, out var data), data, strays, facts);
        }
        else if (id == ExtensionIds.Ours.Pex)
        {
            strays.Spend("a peer exchange", PexCost);
            facts.Add(new PeerFact(PeerFactKind.PeerExchange, Payload: PexMessage.Parse(body)));
        }
        else if (id == ExtensionIds.Ours.DontHave)
        {
            facts.Add(new PeerFact(PeerFactKind.DontHave, DontHave(body)));
        }
        else if (id == ExtensionIds.Ours.UploadOnly && body is [var flag])
        {
            strays.Spend("an upload_only");
            facts.Add(new PeerFact(PeerFactKind.UploadOnly, flag));
        }
        else if (id == ExtensionIds.Provisional.Piece)
        {
            strays.Spend("a vouch for a piece");
            facts.Add(new PeerFact(PeerFactKind.Vouch, Payload: body.ToArray()));
        }
        else
        {
            strays.Spend($"extended message {id}");
        }
    }

    private int DontHave(ReadOnlySpan<byte> body)
    {
        if (body.Length != sizeof(int))
        {
            throw new WireException($"an lt_donthave message of {body.Length} bytes");
        }

        var pieces = owner.Content?.Grid.PieceCount ?? int.MaxValue;
        var piece = BinaryPrimitives.ReadUInt32BigEndian(body);
        return piece < (uint)pieces ? (int)piece : throw new WireException($"piece {piece} of a torrent of {pieces} pieces");
    }

    private void HandleMetadata(MetadataMessage message, ReadOnlySpan<byte> data, StrayBudget strays, List<PeerFact> facts)
    {
        switch (message.Kind)
        {
            case MetadataMessageKind.Request when link.Ids.Metadata != 0:
                Answer(message.Piece);
                break;
            case MetadataMessageKind.Data when data.Length <= MetadataMessage.PieceSize:
                strays.Spend("a piece of an info dictionary");
                facts.Add(new PeerFact(PeerFactKind.Metadata, message.Piece, Payload: data.ToArray()));
                break;
            case MetadataMessageKind.Reject:
                strays.Spend("a reject of a piece of an info dictionary");
                facts.Add(new PeerFact(PeerFactKind.MetadataReject, message.Piece));
                break;
            case MetadataMessageKind.Data:
                throw new WireException($"{data.Length} bytes in one piece of an info dictionary");
        }
    }

    private void Answer(int piece)
    {
        var info = owner.InfoOf(link.Remote.InfoHash);
        var pieces = info.Length / MetadataMessage.PieceSize + 1;
        if (++_metadataRequests > MetadataRounds * (pieces + MetadataRounds))
        {
            throw new WireException($"{_metadataRequests} requests for an info dictionary of {pieces} pieces");
        }

        var answer = new ArrayBufferWriter<byte>();
        MetadataServer.Answer(piece, info.Span, answer);
        link.Outbox.PostExtended(link.Ids.Metadata, answer.WrittenMemory);
    }
}
