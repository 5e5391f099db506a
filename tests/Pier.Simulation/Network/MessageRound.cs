namespace Pier.Simulation.Network;

/// <summary>All messages that come in one moment, to whomever. They are read node by node, each node's in the order in which they were said.</summary>
internal sealed class MessageRound
{
    private readonly List<object> _payloads = [];
    private Message[] _said = new Message[256];
    private Message[] _sorted = [];
    private int[] _ends = [];

    /// <summary>Messages that come.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a message.</summary>
    /// <param name="message">Which.</param>
    /// <param name="payload">What of it does not fit a number.</param>
    public void Add(in Message message, object? payload)
    {
        if (Count == _said.Length)
        {
            Array.Resize(ref _said, Count * 2);
        }

        ref var added = ref _said[Count++];
        added = message;
        if (payload is not null)
        {
            added = message with { Index = _payloads.Count };
            _payloads.Add(payload);
        }
    }

    /// <summary>The payload of a message.</summary>
    public object PayloadOf(in Message message) => _payloads[message.Index];

    /// <summary>The messages node by node; valid until the next is added.</summary>
    /// <param name="nodes">How many nodes there are.</param>
    public ReadOnlySpan<Message> ByNode(int nodes)
    {
        if (_ends.Length <= nodes)
        {
            _ends = new int[nodes + 1];
        }

        if (_sorted.Length < Count)
        {
            _sorted = new Message[_said.Length];
        }

        Array.Clear(_ends);
        var said = _said.AsSpan(0, Count);
        foreach (ref readonly var message in said)
        {
            _ends[message.Node + 1]++;
        }

        for (var node = 1; node <= nodes; node++)
        {
            _ends[node] += _ends[node - 1];
        }

        foreach (ref readonly var message in said)
        {
            _sorted[_ends[message.Node]++] = message;
        }

        return _sorted.AsSpan(0, Count);
    }

    /// <summary>Empties the round for another moment.</summary>
    public void Clear()
    {
        Count = 0;
        _payloads.Clear();
    }
}
