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

/// <summary>All messages that a node says within a moment, to whomever; they travel as one event.</summary>
internal sealed class MessageBatch
{
    private Message[] _messages = new Message[64];
    private (SimulatedLink Link, int First, int Last)[] _links = new (SimulatedLink, int, int)[16];
    private int _count;

    /// <summary>Number of the batch among those of the network; what events carry.</summary>
    public required int Id { get; init; }

    /// <summary>Until when messages may join.</summary>
    public long ClosesAt { get; set; }

    /// <summary>Links with messages.</summary>
    public int LinkCount { get; private set; }

    /// <summary>What does not fit a number.</summary>
    public List<object> Payloads { get; } = [];

    /// <summary>A link with messages, and the first of them.</summary>
    public (SimulatedLink Link, int First, int Last) LinkAt(int place) => _links[place];

    /// <summary>A message.</summary>
    public ref readonly Message MessageAt(int place) => ref _messages[place];

    /// <summary>Adds a message.</summary>
    public void Add(SimulatedLink link, MessageKind kind, int index, int detail)
    {
        if (_count == _messages.Length)
        {
            Array.Resize(ref _messages, _count * 2);
        }

        _messages[_count] = new Message { Kind = kind, Index = index, Detail = detail, Next = -1 };
        if (ReferenceEquals(link.Batch, this))
        {
            ref var entry = ref _links[link.BatchPlace];
            _messages[entry.Last].Next = _count;
            entry.Last = _count;
        }
        else
        {
            if (LinkCount == _links.Length)
            {
                Array.Resize(ref _links, LinkCount * 2);
            }

            link.Batch = this;
            link.BatchPlace = LinkCount;
            _links[LinkCount++] = (link, _count, _count);
        }

        _count++;
    }

    /// <summary>Empties the batch for another moment.</summary>
    public void Clear()
    {
        for (var place = 0; place < LinkCount; place++)
        {
            if (ReferenceEquals(_links[place].Link.Batch, this))
            {
                _links[place].Link.Batch = null;
            }
        }

        Array.Clear(_links, 0, LinkCount);
        _count = LinkCount = 0;
        Payloads.Clear();
    }
}
