using System.Net;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Trackers;
using Pier.Simulation.Clock;
using Pier.Simulation.Nodes;

namespace Pier.Simulation.Network;

/// <summary>
/// Nodes, what connects them, and the one loop that moves time from event to event. Everything happens on the caller's thread and is
/// the same for the same seed.
/// </summary>
internal sealed class SimulatedNetwork : IDisposable
{
    // Nodes read what has come for them once a moment, as programs that are busy do; the calendar's days are much shorter.
    private const int MomentsInLatency = 8;
    private const int DaysInMoment = 16;

    private readonly NetworkPlan _plan;
    private readonly List<SimulatedNode> _nodes = [];
    private readonly List<SimulatedSwarm> _swarms = [];
    private readonly List<Action?> _calls = [];
    private readonly Stack<int> _idleCalls = new();
    private readonly Delivery _delivery;
    private readonly Connecting _connecting;
    private readonly SimulatedTracker _tracker;
    private readonly PieceJudge _judge;
    private bool _isCut;

    public SimulatedNetwork(NetworkPlan plan, int swarmsPerNode)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(plan.Latency, TimeSpan.FromMilliseconds(1), nameof(plan));
        _plan = plan;
        Random = new Random(plan.Seed);
        Latency = SimulatedTime.Of(plan.Latency);
        var moment = Latency / MomentsInLatency;
        Queue = new EventQueue(moment / DaysInMoment);
        Trackers = new TrackerClient(Time);
        Options = new BitTorrentOptions
        {
            MaxConnections = plan.MaxConnections,
            UploadSlots = plan.UploadSlots,
            MaxConnectionsPerSwarm = plan.MaxConnections / swarmsPerNode,
        };
        _delivery = new Delivery(this, moment);
        Queue.Ahead = _delivery.Expect;
        _connecting = new Connecting(this);
        _tracker = new SimulatedTracker(this, plan.TrackedPeers);
        _judge = new PieceJudge(this);
    }

    /// <summary>The clock.</summary>
    public SimulatedTime Time { get; } = new();

    /// <summary>What comes due.</summary>
    public EventQueue Queue { get; }

    /// <summary>The dice.</summary>
    public Random Random { get; }

    /// <summary>Settings of every node.</summary>
    public BitTorrentOptions Options { get; }

    /// <summary>Never asked; engines have one.</summary>
    public TrackerClient Trackers { get; }

    /// <summary>Nanoseconds from any node to any other.</summary>
    public long Latency { get; }

    /// <summary>Bytes of a block.</summary>
    public int BlockSize => _plan.BlockSize;

    /// <summary>Whether pieces are picked in order.</summary>
    public bool PicksInOrder => _plan.PicksInOrder;

    /// <summary>Whether anyone sends rubbish.</summary>
    public bool HasLiars { get; private set; }

    /// <summary>What the nodes want.</summary>
    public IEnumerable<SimulatedContent> Contents => _swarms.Select(swarm => swarm.Content).Distinct();

    /// <summary>All nodes.</summary>
    public IReadOnlyList<SimulatedNode> Nodes => _nodes;

    /// <summary>Events so far.</summary>
    public long EventCount { get; private set; }

    /// <summary>Nodes that are up and not complete, and those that have not arrived.</summary>
    public int Unfinished { get; private set; }

    /// <summary>Adds a node, which starts when its plan says.</summary>
    public SimulatedNode Add(NodePlan plan, IEnumerable<SimulatedContent> contents)
    {
        var node = new SimulatedNode(this, _nodes.Count, plan);
        _nodes.Add(node);
        HasLiars |= plan.IsLiar;
        Unfinished += plan.IsOrigin || plan.IsLiar ? 0 : 1;
        Call(SimulatedTime.Of(plan.Arrives), () => Arrive(node, contents));
        return node;
    }

    /// <summary>Runs until every node that is up is complete, or the deadline has passed.</summary>
    public void Run(TimeSpan deadline)
    {
        var end = SimulatedTime.Of(deadline);
        while (Unfinished > 0 && Queue.TryTake(out var due) && due.At <= end)
        {
            Time.Now = Math.Max(Time.Now, due.At);
            EventCount++;
            Apply(due);
        }
    }

    /// <summary>Calls back after so many nanoseconds.</summary>
    public void Call(long after, Action action)
    {
        if (!_idleCalls.TryPop(out var place))
        {
            place = _calls.Count;
            _calls.Add(null);
        }

        _calls[place] = action;
        Queue.Add(Time.Now + after, EventKind.Call, place);
    }

    /// <summary>The node that listens at an address.</summary>
    public SimulatedNode NodeAt(IPEndPoint endPoint) => _nodes[SimulatedNode.IndexOf(endPoint.Address)];

    /// <summary>Connects a swarm to an address.</summary>
    public void Dial(SimulatedSwarm from, IPEndPoint endPoint) => _connecting.Dial(from, endPoint);

    /// <summary>Announces a swarm.</summary>
    public void Announce(SimulatedSwarm swarm, AnnounceEvent occasion, Action<IReadOnlyList<IPEndPoint>> answered) =>
        _tracker.Announce(swarm, occasion, answered);

    /// <summary>What hashing a piece would say.</summary>
    public PieceOutcome Judge(PieceJob job) => _judge.Judge(job);

    /// <summary>Nanoseconds that hashing takes.</summary>
    public long HashingTime(int bytes) => (long)(bytes / _plan.HashRate * SimulatedTime.Second);

    /// <summary>A swarm of a node is complete.</summary>
    public void Finished(SimulatedNode node)
    {
        if (node.FinishedAt is null && node.Swarms.All(swarm => swarm.IsComplete))
        {
            node.FinishedAt = Time.Now;
            Unfinished--;
        }
    }

    /// <summary>Takes a node away.</summary>
    /// <param name="node">Which.</param>
    /// <param name="silent">Nobody hears of it: its host is gone, not only its program.</param>
    public void Lose(SimulatedNode node, bool silent)
    {
        Unfinished -= node.FinishedAt is null && !node.Plan.IsOrigin && !node.Plan.IsLiar ? 1 : 0;
        node.IsUp = false;
        node.IsSilent = silent;
        foreach (var link in node.Swarms.SelectMany(swarm => swarm.Links).ToArray())
        {
            link.IsClosed = true;
            if (!silent)
            {
                Queue.Add(Time.Now + Latency, EventKind.Closed, link.FarId);
            }
        }
    }

    /// <summary>Cuts the network in two halves, by even and odd nodes; what is on its way stays there.</summary>
    public void Cut() => _isCut = true;

    /// <summary>Joins the halves; what was on its way comes.</summary>
    public void Heal()
    {
        _isCut = false;
        _delivery.Release();
        foreach (var node in _nodes)
        {
            node.Uplink.Wake();
        }
    }

    /// <summary>Whether two nodes cannot reach each other.</summary>
    public bool IsCut(SimulatedNode one, SimulatedNode other) => _isCut && (one.Index ^ other.Index) % 2 != 0;

    /// <summary>Whether the ends of a connection cannot reach each other.</summary>
    public bool IsCut(SimulatedLink link) => _isCut && IsCut(link.Owner.Node, link.Other.Node);

    /// <summary>Joins two swarms.</summary>
    public (SimulatedLink Near, SimulatedLink Far) Link(SimulatedSwarm from, SimulatedSwarm to)
    {
        var near = new SimulatedLink(this, _delivery.NextId, from, to, isOutgoing: true);
        var far = new SimulatedLink(this, _delivery.NextId + 1, to, from, isOutgoing: false);
        near.Join(far);
        far.Join(near);
        _delivery.Add(near);
        _delivery.Add(far);
        return (near, far);
    }

    /// <summary>One end closes a connection; both hear of it.</summary>
    public void Close(SimulatedLink link)
    {
        if (!link.IsClosed)
        {
            link.IsClosed = true;
            Queue.Add(Time.Now, EventKind.Closed, link.Id);
            Queue.Add(Time.Now + Latency, EventKind.Closed, link.FarId);
        }
    }

    /// <summary>Sends a message.</summary>
    /// <param name="message">Which, and to whom.</param>
    /// <param name="payload">What of it does not fit a number.</param>
    public void Say(in Message message, object? payload) => _delivery.Say(message, payload);

    /// <inheritdoc/>
    public void Dispose() => Trackers.Dispose();

    private void Arrive(SimulatedNode node, IEnumerable<SimulatedContent> contents)
    {
        node.IsUp = true;
        node.ArrivedAt = Time.Now;
        foreach (var content in contents)
        {
            var swarm = new SimulatedSwarm(this, _swarms.Count, node, content);
            _swarms.Add(swarm);
            node.Swarms.Add(swarm);
        }

        foreach (var swarm in node.Swarms)
        {
            swarm.Start();
        }
    }

    private void Apply(in SimulatedEvent due)
    {
        switch (due.Kind)
        {
            case EventKind.Tick:
                _swarms[due.A].Tick();
                break;
            case EventKind.Uplink:
                _nodes[due.A].Uplink.Wake();
                break;
            case EventKind.Block:
                _delivery.Block(due.A, due.B);
                break;
            case EventKind.Messages:
                _delivery.Messages(due.A);
                break;
            case EventKind.Checked:
                _swarms[due.A].Checked();
                break;
            case EventKind.Closed:
                _delivery.Closed(due.A);
                break;
            case EventKind.Call:
                var call = _calls[due.A]!;
                _calls[due.A] = null;
                _idleCalls.Push(due.A);
                call();
                break;
        }
    }
}
