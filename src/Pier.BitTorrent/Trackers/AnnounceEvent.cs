namespace Pier.BitTorrent.Trackers;

/// <summary>Why a peer announces itself; the numbers are BEP 15's.</summary>
public enum AnnounceEvent
{
    /// <summary>At the interval.</summary>
    None = 0,

    /// <summary>The download has just finished.</summary>
    Completed = 1,

    /// <summary>The first announce to this tracker.</summary>
    Started = 2,

    /// <summary>The peer leaves.</summary>
    Stopped = 3,
}
