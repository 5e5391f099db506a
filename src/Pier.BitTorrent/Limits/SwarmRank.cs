using Pier.BitTorrent.Pieces;

namespace Pier.BitTorrent.Limits;

/// <summary>Whether a torrent goes before others, or gives way to them. Its loop keeps it true; anybody may read it.</summary>
internal sealed class SwarmRank(ForegroundSwarms foreground, TorrentBandwidth bandwidth, ReaderWindows windows)
{
    /// <summary>Requests outstanding with a peer while others go first: enough to stay its customer.</summary>
    public const int YieldedPipeline = 4;

    private volatile SwarmPriority _priority;
    private bool _isCounted;

    /// <summary>What it was given.</summary>
    public SwarmPriority Priority
    {
        get => _priority;
        set => _priority = value;
    }

    /// <summary>Whether somebody waits for it.</summary>
    public bool IsForeground => Priority == SwarmPriority.High || (Priority == SwarmPriority.Normal && windows.All.Count > 0);

    /// <summary>Whether it should ask for little, because bytes of another arrive that somebody waits for.</summary>
    public bool Yields => foreground.Any && !IsForeground;

    /// <summary>Works it out again.</summary>
    /// <param name="isReceiving">Whether bytes of it arrive: who waits for nothing that comes holds up nobody.</param>
    public void Update(bool isReceiving)
    {
        var isForeground = IsForeground;
        bandwidth.IsForeground = isForeground;
        var counts = isForeground && isReceiving;
        if (counts != _isCounted)
        {
            _isCounted = counts;
            if (counts)
            {
                foreground.Enter();
            }
            else
            {
                foreground.Leave();
            }
        }
    }
}
