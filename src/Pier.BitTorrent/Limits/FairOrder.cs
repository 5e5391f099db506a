namespace Pier.BitTorrent.Limits;

/// <summary>
/// Whose turn it is among those that wait at a <see cref="BandwidthGate"/>: rank first, then the class that had least, then the
/// torrent that had least, then who waits longest. Who comes back starts where the others are: waiting earns no arrears. Under the
/// gate's lock.
/// </summary>
internal sealed class FairOrder
{
    /// <summary>Foreground and background.</summary>
    public const int Ranks = 2;

    // The background's part while the foreground waits too: one of twenty, so that its connections stay alive.
    private const int ForegroundParts = 19;

    // How far one rank may run ahead while the other wants nothing.
    private const double MaxLead = 1 << 20;

    private readonly double[] _classServed = new double[BandwidthGate.Classes];
    private readonly int[] _classWaiting = new int[BandwidthGate.Classes];
    private readonly double[] _torrentClock = new double[Ranks * BandwidthGate.Classes];
    private double _classClock;
    private double _foregroundLead;

    /// <summary>A flow begins to wait.</summary>
    public void Begin(BandwidthFlow flow)
    {
        var peers = (int)flow.Peers;
        if (_classWaiting[peers]++ == 0)
        {
            _classServed[peers] = Math.Max(_classServed[peers], _classClock);
        }

        if (flow.Group.Waiting[peers]++ == 0)
        {
            // In both ranks, as a torrent may change its own while it waits.
            for (var place = peers; place < _torrentClock.Length; place += BandwidthGate.Classes)
            {
                flow.Group.Served[place] = Math.Max(flow.Group.Served[place], _torrentClock[place]);
            }
        }
    }

    /// <summary>A flow waits no more.</summary>
    public void End(BandwidthFlow flow)
    {
        _classWaiting[(int)flow.Peers]--;
        flow.Group.Waiting[(int)flow.Peers]--;
    }

    /// <summary>A flow gets what it wants.</summary>
    public void Grant(BandwidthFlow flow)
    {
        var peers = (int)flow.Peers;
        var isForeground = flow.Group.IsForeground;
        _foregroundLead = Math.Clamp(
            _foregroundLead + (isForeground ? flow.Wanted : -(double)flow.Wanted * ForegroundParts), -MaxLead, MaxLead);
        _classClock = _classServed[peers];
        _classServed[peers] += flow.Wanted;
        var place = PlaceOf(flow);
        _torrentClock[place] = flow.Group.Served[place];
        flow.Group.Served[place] += flow.Wanted;
    }

    /// <summary>Whether one goes before another.</summary>
    public bool IsBefore(BandwidthFlow flow, BandwidthFlow other)
    {
        if (flow.Group.IsForeground != other.Group.IsForeground)
        {
            return flow.Group.IsForeground == (_foregroundLead <= 0);
        }

        if (flow.Peers != other.Peers)
        {
            return _classServed[(int)flow.Peers] < _classServed[(int)other.Peers];
        }

        var mine = flow.Group.Served[PlaceOf(flow)];
        var theirs = other.Group.Served[PlaceOf(other)];
        return mine < theirs || (mine.Equals(theirs) && flow.Turn < other.Turn);
    }

    private static int PlaceOf(BandwidthFlow flow) => (flow.Group.IsForeground ? BandwidthGate.Classes : 0) + (int)flow.Peers;
}
