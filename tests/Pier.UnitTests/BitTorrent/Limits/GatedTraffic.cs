using Pier.BitTorrent.Limits;
using Pier.TestKit.Time;

namespace Pier.UnitTests.BitTorrent.Limits;

/// <summary>Connections that always have something to send, through one gate, on a clock moved by hand.</summary>
internal sealed class GatedTraffic : IDisposable
{
    private readonly List<Connection> _connections = [];

    public GatedTraffic(long? all = null, long? world = null, long? subnet = null)
    {
        Gate = new BandwidthGate(Clock);
        Gate.SetRates(all, peers => peers switch { PeerClass.World => world, PeerClass.SameSubnet => subnet, _ => null });
    }

    public ManualTimeProvider Clock { get; } = new();

    public BandwidthGate Gate { get; }

    public BandwidthGroup Torrent(bool foreground = false) => new(Gate, Clock) { IsForeground = foreground };

    public Connection Connect(BandwidthGroup torrent, PeerClass peers = PeerClass.World)
    {
        var connection = new Connection(torrent, peers);
        _connections.Add(connection);
        return connection;
    }

    /// <summary>Lets time pass in steps, in which each connection asks again as soon as it was granted.</summary>
    public void Run(double seconds, double step = 0.005)
    {
        for (var passed = 0.0; passed < seconds; passed += step)
        {
            foreach (var connection in _connections)
            {
                connection.Send();
            }

            Clock.Advance(TimeSpan.FromSeconds(step));
        }
    }

    public void Dispose()
    {
        foreach (var connection in _connections)
        {
            connection.Dispose();
        }

        Gate.Dispose();
    }

    internal sealed class Connection : IDisposable
    {
        private const int MostPerStep = 64;

        private readonly BandwidthFlow _flow;
        private long _asked;

        public Connection(BandwidthGroup torrent, PeerClass peers) => _flow = torrent.Open(peers, Pass);

        public long Passed { get; private set; }

        public bool IsWaiting => _asked > 0;

        public void Send()
        {
            for (var turn = 0; turn < MostPerStep && _asked == 0; turn++)
            {
                _asked = _flow.Quantum;
                if (_flow.TryTake(_asked))
                {
                    Pass();
                }
            }
        }

        public void Dispose() => _flow.Dispose();

        private void Pass()
        {
            Passed += _asked;
            _asked = 0;
        }
    }
}
