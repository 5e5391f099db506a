using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Pieces;
using Pier.Simulation.Clock;

namespace Pier.Simulation.Network;

/// <summary>Connections and what travels over them: blocks one by one, messages in batches, the news that a connection is closed.</summary>
internal sealed class Delivery(SimulatedNetwork network, long moment)
{
    private readonly List<SimulatedLink?> _links = [];
    private readonly List<MessageBatch> _batches = [];
    private readonly Stack<MessageBatch> _idle = new();
    private readonly List<(int Link, int Block)> _heldBlocks = [];
    private readonly List<PeerFact> _facts = [];
    private MessageBatch? _held;
    private long _serial;
    private int _touched;

    /// <summary>The number that the next end of a connection gets.</summary>
    public int NextId => _links.Count;

    /// <summary>Adds an end of a connection.</summary>
    public void Add(SimulatedLink link) => _links.Add(link);

    /// <summary>Begins a batch of messages, which arrives with the latency after the moment is over.</summary>
    public MessageBatch Open()
    {
        var batch = Take();
        batch.Serial = _serial++;
        batch.ClosesAt = network.Time.Now + moment;
        network.Queue.Add(batch.ClosesAt + network.Latency, EventKind.Messages, batch.Id);
        return batch;
    }

    /// <summary>A batch of messages has come.</summary>
    public void Messages(int id)
    {
        var batch = _batches[id];
        Touch(batch);
        for (var place = 0; place < batch.LinkCount; place++)
        {
            ref readonly var entry = ref batch.LinkAt(place);
            var far = entry.Far;
            if (far.IsClosed)
            {
                continue;
            }

            if (network.IsCut(far))
            {
                Hold(batch, entry.Link, entry.First);
                continue;
            }

            far.Hear(entry.Bytes);
            Read(batch, far, entry.First);
            if (_facts.Count > 0)
            {
                far.Owner.Report(far, _facts);
                _facts.Clear();
            }
        }

        batch.Clear();
        _idle.Push(batch);
    }

    /// <summary>A block has come over a link.</summary>
    public void Block(int id, int block)
    {
        if (_links[id] is not { IsClosed: false } link)
        {
            return;
        }

        if (network.IsCut(link))
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
            network.Queue.Add(network.Time.Now + network.Latency, EventKind.Block, link, block);
        }

        _heldBlocks.Clear();
        if (_held is { } held)
        {
            network.Queue.Add(network.Time.Now + network.Latency, EventKind.Messages, held.Id);
            _held = null;
        }
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

    // The same for a batch: its links, what their swarms know of the peer, and which pieces that has.
    private void Touch(MessageBatch batch)
    {
        for (var place = 0; place < batch.LinkCount; place++)
        {
            _touched ^= batch.LinkAt(place).Far.IsClosed ? 1 : 0;
        }

        for (var place = 0; place < batch.LinkCount; place++)
        {
            _touched ^= batch.LinkAt(place).Far.Session?.Wanted ?? 0;
        }

        for (var place = 0; place < batch.LinkCount; place++)
        {
            _touched ^= batch.LinkAt(place).Far.Session?.Pieces?.Count ?? 0;
        }
    }

    private void Read(MessageBatch batch, SimulatedLink far, int first)
    {
        for (var place = first; place >= 0;)
        {
            ref readonly var message = ref batch.MessageAt(place);
            place = message.Next;
            switch (message.Kind)
            {
                case MessageKind.Request or MessageKind.Cancel:
                    far.Requested(message);
                    break;
                case MessageKind.Reject:
                    if (far.Requests.TryTake(new BlockRef(message.Index, message.Detail)))
                    {
                        _facts.Add(new PeerFact(PeerFactKind.Reject, message.Index, message.Detail));
                    }

                    break;
                case MessageKind.KeepAlive:
                    break;
                default:
                    var kind = (PeerFactKind)message.Kind;
                    _facts.Add(HasPayload(kind)
                        ? new PeerFact(kind, Payload: batch.Payloads[message.Index])
                        : new PeerFact(kind, message.Index));
                    break;
            }
        }
    }

    private static bool HasPayload(PeerFactKind kind) => kind is PeerFactKind.Bitfield or PeerFactKind.ExtensionHandshake or PeerFactKind.Vouch;

    private void Hold(MessageBatch batch, SimulatedLink link, int first)
    {
        if (_held is null)
        {
            _held = Take();
            _held.Serial = _serial++;
        }

        for (var place = first; place >= 0;)
        {
            ref readonly var message = ref batch.MessageAt(place);
            place = message.Next;
            var index = message.Index;
            if (HasPayload((PeerFactKind)message.Kind))
            {
                index = _held.Payloads.Count;
                _held.Payloads.Add(batch.Payloads[message.Index]);
            }

            _held.Add(link, 0, message.Kind, index, message.Detail);
        }
    }

    private MessageBatch Take()
    {
        if (!_idle.TryPop(out var batch))
        {
            batch = new MessageBatch { Id = _batches.Count };
            _batches.Add(batch);
        }

        return batch;
    }
}
