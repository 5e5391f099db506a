using System.Net;
using Pier.BitTorrent.Datagrams;
using Pier.BitTorrent.Dht;
using Pier.TestKit.Time;

namespace Pier.UnitTests.BitTorrent.Dht;

/// <summary>DHT nodes on a virtual clock and a network with latency and loss; deterministic by seed.</summary>
internal sealed class SimulatedDht(int seed, double loss = 0)
{
    private static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(500);

    private readonly Random _random = new(seed);
    private readonly Dictionary<IPEndPoint, SimulatedNode> _nodes = [];
    private readonly PriorityQueue<(IPEndPoint From, IPEndPoint To, byte[] Bytes), (long At, long Number)> _wire = new();
    private long _number;

    public ManualTimeProvider Time { get; } = new();

    /// <summary>Datagrams that were sent.</summary>
    public long Datagrams { get; private set; }

    public IReadOnlyCollection<SimulatedNode> Nodes => _nodes.Values;

    public SimulatedNode Add(IPEndPoint? at = null, DhtOptions? options = null, DhtState? before = null)
    {
        var number = _nodes.Count + 1;
        var endPoint = at ?? new IPEndPoint(new IPAddress([11, 0, (byte)(number >> 8), (byte)number]), 6881);
        var sender = new Sender(this, endPoint);
        var dht = new DhtNode(options ?? new DhtOptions(), before ?? DhtState.Empty, sender, () => endPoint.Port, Time, new Random(_random.Next()));
        var node = new SimulatedNode(endPoint, dht);
        _nodes.Add(endPoint, node);
        return node;
    }

    /// <summary>A node that vanishes without a word.</summary>
    public void Kill(SimulatedNode node) => _nodes.Remove(node.EndPoint);

    /// <summary>Puts a datagram on the wire.</summary>
    public void Inject(ReadOnlySpan<byte> bytes, IPEndPoint from, IPEndPoint to)
    {
        Datagrams++;
        if (_random.NextDouble() >= loss)
        {
            var latency = TimeSpan.FromMilliseconds(5 + _random.Next(100));
            _wire.Enqueue((from, to, bytes.ToArray()), ((Time.GetUtcNow() + latency).UtcTicks, _number++));
        }
    }

    /// <summary>Lets time pass.</summary>
    public void Run(TimeSpan span)
    {
        var end = Time.GetUtcNow() + span;
        while (Time.GetUtcNow() < end)
        {
            var until = Time.GetUtcNow() + TickInterval;
            while (_wire.TryPeek(out _, out var next) && next.At <= until.UtcTicks)
            {
                var (from, to, bytes) = _wire.Dequeue();
                Time.Advance(TimeSpan.FromTicks(Math.Max(0, next.At - Time.GetUtcNow().UtcTicks)));
                _nodes.GetValueOrDefault(to)?.Dht.Receive(bytes, from);
            }

            Time.Advance(until - Time.GetUtcNow());
            foreach (var node in _nodes.Values.ToArray())
            {
                node.Dht.Tick();
            }
        }
    }

    /// <summary>So many nodes, each of which knows one that was there before.</summary>
    public List<SimulatedNode> Grow(int count, DhtOptions? options = null)
    {
        List<SimulatedNode> nodes = [];
        for (var i = 0; i < count; i++)
        {
            nodes.Add(Add(options: options));
            // Whom nobody has answered yet asks again; else two that met would be the beginning of another DHT.
            foreach (var alone in nodes.Skip(1).Where(node => node.Dht.Statistics.Nodes == 0))
            {
                alone.Dht.Meet(nodes[_random.Next(nodes.IndexOf(alone))].EndPoint);
            }

            Run(TimeSpan.FromMilliseconds(500));
        }

        for (var again = 0; again < 5; again++)
        {
            // As bootstrap nodes are asked until enough others are known.
            foreach (var unheard in nodes.Where(node => node.Dht.NeedsNodes))
            {
                unheard.Dht.Meet(nodes[_random.Next(nodes.Count)].EndPoint);
            }

            Run(TimeSpan.FromSeconds(10));
        }

        return nodes;
    }

    private sealed class Sender(SimulatedDht network, IPEndPoint from) : IDatagramSender
    {
        public bool Send(ReadOnlySpan<byte> datagram, IPEndPoint to)
        {
            network.Inject(datagram, from, to);
            return true;
        }
    }
}

/// <summary>One of its nodes.</summary>
internal sealed record SimulatedNode(IPEndPoint EndPoint, DhtNode Dht);
