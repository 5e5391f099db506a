namespace Pier.BitTorrent.Limits;

/// <summary>A torrent's part in an engine's limits: its groups in both directions, and limits of its own where it has some.</summary>
internal sealed class TorrentBandwidth : IDisposable
{
    private readonly LiveLimits _limits;
    private volatile TransferLimits _own;

    public TorrentBandwidth(LiveLimits limits, TransferLimits own, TimeProvider time)
    {
        _limits = limits;
        _own = own;
        Down = new BandwidthGroup(limits.Down, time);
        Up = new BandwidthGroup(limits.Up, time);
        limits.Enter(this);
    }

    /// <summary>What it receives.</summary>
    public BandwidthGroup Down { get; }

    /// <summary>What it sends.</summary>
    public BandwidthGroup Up { get; }

    /// <summary>Limits of its own, instead of those that all torrents have; null where it has none.</summary>
    public TransferLimits Own
    {
        get => _own;
        set
        {
            _own = value;
            Apply(_limits.Current.Torrent);
        }
    }

    /// <summary>Connections at once; null where limits say nothing of them.</summary>
    public int? Connections => _own.Connections ?? _limits.Current.Torrent.Connections;

    /// <summary>Whether somebody waits for the torrent.</summary>
    public bool IsForeground
    {
        get => Down.IsForeground;
        set => Down.IsForeground = Up.IsForeground = value;
    }

    /// <summary>Its rates, or where it has none these.</summary>
    public void Apply(TransferLimits usual)
    {
        Down.SetRate(_own.Down ?? usual.Down);
        Up.SetRate(_own.Up ?? usual.Up);
    }

    /// <inheritdoc/>
    public void Dispose() => _limits.Leave(this);
}
