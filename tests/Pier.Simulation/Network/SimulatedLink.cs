using System.Net;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Swarms.Meeting;
using Pier.BitTorrent.Wire;
using Pier.Simulation.Nodes;

namespace Pier.Simulation.Network;

/// <summary>
/// One end of a simulated connection, in the place of <see cref="PeerLink"/> and its outbox: does what those do with requests and
/// blocks, without bytes.
/// </summary>
internal sealed class SimulatedLink : IPeerLink, IPeerOutbox
{
    // Block numbers take the low bits: 16 KiB blocks of pieces up to 64 MiB.
    private const int BlockBits = 12;

    private readonly SimulatedNetwork _network;
    private UploadQueue _uploads;

    public SimulatedLink(SimulatedNetwork network, int id, SimulatedSwarm owner, SimulatedSwarm other, bool isOutgoing)
    {
        _network = network;
        Id = id;
        Owner = owner;
        Other = other;
        Downlink = owner.Node.Downlink;
        FarDownlink = other.Node.Downlink;
        FarNode = other.Node.Index;
        IsOutgoing = isOutgoing;
        ConnectedAt = LastReceived = LastSent = network.Time.Now;
    }

    /// <summary>Number of this end among those of the network.</summary>
    public int Id { get; }

    /// <summary>Whose end this is.</summary>
    public SimulatedSwarm Owner { get; }

    /// <summary>Who is at the other end.</summary>
    public SimulatedSwarm Other { get; }

    /// <summary>The owner's line, by which blocks come.</summary>
    public Downlink Downlink { get; }

    /// <summary>The other side's line, by which blocks leave.</summary>
    public Downlink FarDownlink { get; }

    /// <summary>Number of the node at the other end.</summary>
    public int FarNode { get; }

    /// <summary>Number of the other end.</summary>
    public int FarId { get; private set; }

    /// <summary>Nothing is sent or taken any more.</summary>
    public bool IsClosed { get; set; }

    /// <summary>Bytes on their way to a node that is gone without a word; a little fits the kernel's buffers.</summary>
    public int SentIntoVoid { get; set; }

    /// <summary>Whether blocks wait to be sent.</summary>
    public bool HasUploads => _uploads.Count > 0;

    /// <summary>Whether the uplink goes round by this link.</summary>
    public bool IsActive { get; set; }

    /// <inheritdoc/>
    public IPEndPoint EndPoint => Other.Node.EndPoint;

    /// <inheritdoc/>
    public PeerSession? Session { get; set; }

    /// <inheritdoc/>
    public bool IsOutgoing { get; }

    /// <inheritdoc/>
    public Handshake Remote => Other.Handshake;

    /// <inheritdoc/>
    public bool IsFast => true;

    /// <inheritdoc/>
    public PeerOrigin Origin => Other.Node.Origin;

    /// <inheritdoc/>
    public IPeerOutbox Outbox => this;

    /// <inheritdoc/>
    public RequestTable Requests { get; } = new();

    /// <inheritdoc/>
    public ExtensionIds Ids => Other.Hello.Ids;

    /// <inheritdoc/>
    public long ConnectedAt { get; }

    /// <inheritdoc/>
    public long LastReceived { get; private set; }

    /// <inheritdoc/>
    public long LastSent { get; private set; }

    /// <inheritdoc/>
    public long Downloaded { get; private set; }

    /// <inheritdoc/>
    public long Uploaded { get; private set; }

    /// <inheritdoc/>
    public long Duplicate { get; private set; }

    /// <inheritdoc/>
    public long Unrequested { get; private set; }

    /// <inheritdoc/>
    public bool IsClosing => IsClosed;

    /// <inheritdoc/>
    public bool IsBroken { get; private set; }

    /// <inheritdoc/>
    public bool IsChoked { get; private set; } = true;

    /// <summary>Joins it to the other end.</summary>
    public void Join(SimulatedLink far) => FarId = far.Id;

    /// <inheritdoc/>
    public void Close(string reason) => _network.Close(this);

    /// <inheritdoc/>
    public void Break(WireException violation)
    {
        IsBroken = true;
        _network.Close(this);
    }

    /// <inheritdoc/>
    public void Post(MessageId id) => Say(MessageSize.Plain, (MessageKind)FactOf(id));

    /// <inheritdoc/>
    public void PostKeepAlive() => Say(WireLimits.PrefixLength, MessageKind.KeepAlive);

    /// <inheritdoc/>
    public void PostPiece(MessageId id, int piece) => Say(MessageSize.Piece, (MessageKind)FactOf(id), piece);

    /// <inheritdoc/>
    public void PostBlocks(MessageId id, params ReadOnlySpan<BlockRange> blocks)
    {
        var kind = id switch
        {
            MessageId.Request => MessageKind.Request,
            MessageId.Cancel => MessageKind.Cancel,
            _ => MessageKind.Reject,
        };
        foreach (var block in blocks)
        {
            Say(MessageSize.Blocks(block.Length), kind, block.Piece, block.Offset / Owner.Grid.BlockSize);
        }
    }

    /// <inheritdoc/>
    public void PostRaw(MessageId id, ReadOnlyMemory<byte> payload) =>
        Say(MessageSize.Raw(payload.Length), (MessageKind)FactOf(id), payload: payload.ToArray());

    /// <inheritdoc/>
    public void PostExtended(byte id, ReadOnlyMemory<byte> body) =>
        Say(
            MessageSize.Raw(1 + body.Length),
            (MessageKind)(id == ExtensionHandshake.Id ? PeerFactKind.ExtensionHandshake : PeerFactKind.Vouch),
            payload: id == ExtensionHandshake.Id ? Owner.Hello : body.ToArray());

    /// <inheritdoc/>
    public void PostUnchoke()
    {
        IsChoked = false;
        Post(MessageId.Unchoke);
    }

    /// <inheritdoc/>
    public void PostChoke(bool reject)
    {
        IsChoked = true;
        Post(MessageId.Choke);
        for (; _uploads.Count > 0; _uploads.Dequeue())
        {
            Refuse(_uploads[0]);
        }
    }

    /// <summary>The peer asks for a block, or takes a request back.</summary>
    public void Requested(in Message message)
    {
        var block = message.Index << BlockBits | message.Detail;
        if (message.Kind == MessageKind.Cancel)
        {
            if (_uploads.Remove(block))
            {
                Refuse(block);
            }
        }
        else if (!IsChoked && Owner.Have[message.Index] && _uploads.Count < Owner.Port.Options.MaxQueuedRequests)
        {
            _uploads.Enqueue(block);
            Owner.Node.Uplink.Activate(this);
        }
        else
        {
            Refuse(block);
        }
    }

    /// <summary>Takes the next block to send and counts it as sent.</summary>
    /// <returns>The block, for <see cref="Receive"/>, and its bytes.</returns>
    public (int Block, int Bytes) TakeUpload()
    {
        var block = _uploads.Dequeue();
        var bytes = Owner.Grid.RangeOf(Unpack(block)).Length;
        Uploaded += bytes;
        LastSent = _network.Time.Now;
        return (block, bytes);
    }

    /// <summary>Forgets what was to be sent.</summary>
    public void DropUploads() => _uploads.Clear();

    /// <summary>Messages of so many bytes came.</summary>
    public void Hear(int bytes)
    {
        LastReceived = _network.Time.Now;
        Downlink.Hear(bytes);
    }

    /// <summary>A block came; what the swarm is told of it, if anything.</summary>
    public bool Receive(int packed, out PeerFact fact)
    {
        var block = Unpack(packed);
        var bytes = Owner.Grid.RangeOf(block).Length;
        LastReceived = _network.Time.Now;
        Downloaded += bytes;
        if (!Requests.TryTake(block, Origin, out var buffer))
        {
            Unrequested += bytes;
            fact = default;
            return false;
        }

        var isFirst = buffer is not null;
        Duplicate += isFirst ? 0 : bytes;
        fact = new PeerFact(isFirst ? PeerFactKind.Block : PeerFactKind.LateBlock, block.Piece, block.Block, buffer);
        return true;
    }

    private static BitTorrent.Pieces.BlockRef Unpack(int packed) => new(packed >> BlockBits, packed & ((1 << BlockBits) - 1));

    private static PeerFactKind FactOf(MessageId id) => id switch
    {
        MessageId.Choke => PeerFactKind.Choke,
        MessageId.Unchoke => PeerFactKind.Unchoke,
        MessageId.Interested => PeerFactKind.Interested,
        MessageId.NotInterested => PeerFactKind.NotInterested,
        MessageId.Have => PeerFactKind.Have,
        MessageId.Bitfield => PeerFactKind.Bitfield,
        MessageId.HaveAll => PeerFactKind.HaveAll,
        MessageId.HaveNone => PeerFactKind.HaveNone,
        MessageId.AllowedFast => PeerFactKind.AllowedFast,
        MessageId.SuggestPiece => PeerFactKind.Suggest,
        _ => throw new NotSupportedException($"simulated peers do not say {id}"),
    };

    private void Refuse(int packed)
    {
        var block = Unpack(packed);
        Say(MessageSize.Blocks(Owner.Grid.RangeOf(block).Length), MessageKind.Reject, block.Piece, block.Block);
    }

    private void Say(int bytes, MessageKind kind, int index = 0, int detail = 0, object? payload = null)
    {
        if (!IsClosed)
        {
            LastSent = _network.Time.Now;
            Owner.Node.Say(this, bytes, kind, index, detail, payload);
        }
    }
}
