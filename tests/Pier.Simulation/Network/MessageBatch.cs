using Pier.BitTorrent.Peers;

namespace Pier.Simulation.Network;

/// <summary>A message on its way: which, what it is about, and the next one on the same link.</summary>
internal struct Message
{
    /// <summary>What it says.</summary>
    public MessageKind Kind;

    /// <summary>A piece, or the place of a payload.</summary>
    public int Index;

    /// <summary>A block.</summary>
    public int Detail;

    /// <summary>Place of the next message of the link; -1 for the last.</summary>
    public int Next;
}

/// <summary>What messages say: a <see cref="PeerFactKind"/> as it is, or one of these, which connections deal with themselves.</summary>
internal enum MessageKind
{
    /// <summary>A fact that is news for the swarm; the least of them.</summary>
    FirstFact = 0,

    /// <summary>Send this block.</summary>
    Request = 100,

    /// <summary>The block is no longer wanted.</summary>
    Cancel = 101,

    /// <summary>Nothing, but that the sender lives.</summary>
    KeepAlive = 103,

    /// <summary>The block will not be sent.</summary>
    Reject = 102,
}

/// <summary>What one link carries of a batch.</summary>
internal struct LinkMessages
{
    /// <summary>The sender's end.</summary>
    public SimulatedLink Link;

    /// <summary>The receiver's end.</summary>
    public SimulatedLink Far;

    /// <summary>Place of the first message.</summary>
    public int First;

    /// <summary>Place of the last message.</summary>
    public int Last;

    /// <summary>Bytes of all of them.</summary>
    public int Bytes;
}

/// <summary>All messages that a node says within a moment, to whomever; they travel as one event.</summary>
internal sealed class MessageBatch
{
    private Message[] _messages = new Message[64];
    private LinkMessages[] _links = new LinkMessages[16];
    private int _count;

    /// <summary>Number of the batch among those of the network; what events carry.</summary>
    public required int Id { get; init; }

    /// <summary>Number of its present use; none is used twice.</summary>
    public long Serial { get; set; }

    /// <summary>Until when messages may join.</summary>
    public long ClosesAt { get; set; }

    /// <summary>Links with messages.</summary>
    public int LinkCount { get; private set; }

    /// <summary>What does not fit a number.</summary>
    public List<object> Payloads { get; } = [];

    /// <summary>A link with messages.</summary>
    public ref readonly LinkMessages LinkAt(int place) => ref _links[place];

    /// <summary>A message.</summary>
    public ref readonly Message MessageAt(int place) => ref _messages[place];

    /// <summary>Adds a message.</summary>
    /// <param name="link">The sender's end of the link that it goes by.</param>
    /// <param name="bytes">Its size on the wire.</param>
    /// <param name="kind">What it says.</param>
    /// <param name="index">A piece, or the place of a payload.</param>
    /// <param name="detail">A block.</param>
    public void Add(SimulatedLink link, int bytes, MessageKind kind, int index, int detail)
    {
        if (_count == _messages.Length)
        {
            Array.Resize(ref _messages, _count * 2);
        }

        _messages[_count] = new Message { Kind = kind, Index = index, Detail = detail, Next = -1 };
        if (link.BatchSerial == Serial)
        {
            ref var entry = ref _links[link.BatchPlace];
            _messages[entry.Last].Next = _count;
            entry.Last = _count;
            entry.Bytes += bytes;
        }
        else
        {
            if (LinkCount == _links.Length)
            {
                Array.Resize(ref _links, LinkCount * 2);
            }

            link.BatchSerial = Serial;
            link.BatchPlace = LinkCount;
            _links[LinkCount++] = new LinkMessages { Link = link, Far = link.Far, First = _count, Last = _count, Bytes = bytes };
        }

        _count++;
    }

    /// <summary>Empties the batch for another moment.</summary>
    public void Clear()
    {
        Array.Clear(_links, 0, LinkCount);
        _count = LinkCount = 0;
        Payloads.Clear();
    }
}
