namespace Pier.BitTorrent.Limits;

/// <summary>One torrent at a <see cref="BandwidthGate"/>: its own limit, its rank, and what its connections were granted.</summary>
internal sealed class BandwidthGroup
{
    private readonly BandwidthGate _gate;
    private bool _isForeground;

    public BandwidthGroup(BandwidthGate gate, TimeProvider time)
    {
        _gate = gate;
        Bucket = new RateBucket(time);
    }

    /// <summary>Whether somebody waits for this torrent, so that it goes before those for which nobody does.</summary>
    public bool IsForeground
    {
        get => Volatile.Read(ref _isForeground);
        set => Volatile.Write(ref _isForeground, value);
    }

    /// <summary>Its own limit.</summary>
    internal RateBucket Bucket { get; }

    /// <summary>For each rank and class of peers, how far this torrent has come on the gate's clock of those; under the gate's lock.</summary>
    internal double[] Served { get; } = new double[FairOrder.Ranks * BandwidthGate.Classes];

    /// <summary>For each class, connections that wait; under the gate's lock.</summary>
    internal int[] Waiting { get; } = new int[BandwidthGate.Classes];

    /// <summary>Changes the torrent's own limit; null lifts it.</summary>
    public void SetRate(long? bytesPerSecond) => _gate.SetRate(Bucket, bytesPerSecond);

    /// <summary>Adds a connection.</summary>
    /// <param name="peers">How near its peer is.</param>
    /// <param name="granted">Called when bytes that it waited for are granted; must not wait, nor call the gate.</param>
    public BandwidthFlow Open(PeerClass peers, Action granted) => new(_gate, this, peers, granted);
}
