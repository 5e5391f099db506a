using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Pieces;
using Pier.Simulation.Clock;

namespace Pier.Simulation.Network;

/// <summary>
/// Connections and what travels over them: blocks one by one, the news that a connection is closed, and messages in rounds. A round
/// is what comes to all nodes within a moment: a node that is busy reads its connections so often, and one after another what it knows
/// is fetched from memory once for all of them.
/// </summary>
internal sealed class Delivery
{
    // Messages whose needs are fetched from memory at once, rather than one after another.
    private const int Together = 48;

    private readonly SimulatedNetwork _network;
    private readonly long _moment;
    private readonly List<SimulatedLink?> _links = [];
    private readonly MessageRound[] _rounds;
    private readonly List<(int Link, int Block)> _heldBlocks = [];
    private readonly List<(Message Message, object? Payload)> _heldMessages = [];
    private readonly List<PeerFact> _facts = [];
    private int _touched;

    /// <param name="network">The network.</param>
    /// <param name="moment">Nanoseconds between two rounds.</param>
    public Delivery(SimulatedNetwork network, long moment)
    {
        _network = network;
        _moment = moment;
        _rounds = new MessageRound[network.Latency / moment + 3];
        for (var place = 0; place < _rounds.Length; place++)
        {
            _rounds[place] = new MessageRound();
        }
    }

    /// <summary>The number that the next end of a connection gets.</summary>
    public int NextId => _links.Count;

    /// <summary>Adds an end of a connection.</summary>
    public void Add(SimulatedLink link) => _links.Add(link);

    /// <summary>Sends a message, which is read in the first round after the latency: never at the very moment in which its link is made.</summary>
    public void Say(in Message message, object? payload)
    {
        var number = (_network.Time.Now + _network.Latency) / _moment + 1;
        var place = (int)(number % _rounds.Length);
        if (_rounds[place].Count == 0)
        {
            _network.Queue.Add(number * _moment, EventKind.Messages, place);
        }

        _rounds[place].Add(message, payload);
    }

    /// <summary>A round of messages has come.</summary>
    public void Messages(int place)
    {
        var round = _rounds[place];
        var messages = round.ByNode(_network.Nodes.Count);
        for (var next = 0; next < messages.Length;)
        {
            var end = Math.Min(next + Together, messages.Length);
            Touch(messages[next..end]);
            while (next < end)
            {
                next = Deliver(round, messages, next);
            }
        }

        round.Clear();
    }

    /// <summary>A block has come over a link.</summary>
    public void Block(int id, int block)
    {
        if (_links[id] is not { IsClosed: false } link)
        {
            return;
        }

        if (_network.IsCut(link))
        {
            _heldBlocks.Add((id, block));
            return;
        }

        if (link.Receive(block, out var fact))
        {
            _facts.Add(fact);
            link.Owner.Report(link, _facts);
            _facts.Clear();
        }
    }

    /// <summary>An end of a connection hears that it is closed.</summary>
    public void Closed(int id)
    {
        if (_links[id] is { } link)
        {
            _links[id] = null;
            link.IsClosed = true;
            link.DropUploads();
            link.Owner.Closed(link);
        }
    }

    /// <summary>What was held while the network was cut goes on its way again.</summary>
    public void Release()
    {
        foreach (var (link, block) in _heldBlocks)
        {
            _network.Queue.Add(_network.Time.Now + _network.Latency, EventKind.Block, link, block);
        }

        _heldBlocks.Clear();
        foreach (var (message, payload) in _heldMessages)
        {
            Say(message, payload);
        }

        _heldMessages.Clear();
    }

    /// <summary>Events that come soon: what they need is fetched from memory, many at once, rather than one after another when they come.</summary>
    public void Expect(ReadOnlySpan<SimulatedEvent> events)
    {
        foreach (ref readonly var each in events)
        {
            if (each.Kind == EventKind.Block && _links[each.A] is { } link)
            {
                _touched ^= link.Requests.Count;
            }
        }

        foreach (ref readonly var each in events)
        {
            if (each.Kind == EventKind.Block && _links[each.A]?.Session is { } session)
            {
                _touched ^= session.Wanted;
            }
        }
    }

    // The same for messages: the ends that they come by, what their swarms know of the peer, and which pieces that has.
    private void Touch(ReadOnlySpan<Message> messages)
    {
        foreach (ref readonly var message in messages)
        {
            _touched ^= _links[message.Link] is { IsClosed: true } ? 1 : 0;
        }

        foreach (ref readonly var message in messages)
        {
            _touched ^= _links[message.Link]?.Session?.Wanted ?? 0;
        }

        foreach (ref readonly var message in messages)
        {
            _touched ^= _links[message.Link]?.Session?.Pieces?.Count ?? 0;
        }
    }

    // All that comes next over one link; the place of what comes over another.
    private int Deliver(MessageRound round, ReadOnlySpan<Message> messages, int first)
    {
        var id = messages[first].Link;
        var (end, bytes) = (first, 0);
        for (; end < messages.Length && messages[end].Link == id; end++)
        {
            bytes += messages[end].Bytes;
        }

        if (_links[id] is not { IsClosed: false } link)
        {
            return end;
        }

        if (_network.IsCut(link))
        {
            foreach (ref readonly var message in messages[first..end])
            {
                _heldMessages.Add((message, HasPayload(message.Kind) ? round.PayloadOf(message) : null));
            }

            return end;
        }

        link.Hear(bytes);
        foreach (ref readonly var message in messages[first..end])
        {
            Read(round, link, message);
        }

        if (_facts.Count > 0)
        {
            link.Owner.Report(link, _facts);
            _facts.Clear();
        }

        return end;
    }

    private void Read(MessageRound round, SimulatedLink link, in Message message)
    {
        switch (message.Kind)
        {
            case MessageKind.Request or MessageKind.Cancel:
                link.Requested(message);
                break;
            case MessageKind.Reject:
                if (link.Requests.TryTake(new BlockRef(message.Index, message.Detail), out var rejected))
                {
                    _facts.Add(new PeerFact(PeerFactKind.Reject, message.Index, message.Detail, rejected));
                }

                break;
            case MessageKind.KeepAlive:
                break;
            default:
                _facts.Add(HasPayload(message.Kind)
                    ? new PeerFact((PeerFactKind)message.Kind, Payload: round.PayloadOf(message))
                    : new PeerFact((PeerFactKind)message.Kind, message.Index));
                break;
        }
    }

    private static bool HasPayload(MessageKind kind) =>
        (PeerFactKind)kind is PeerFactKind.Bitfield or PeerFactKind.ExtensionHandshake or PeerFactKind.Vouch;
}
