using Pier.BitTorrent.Swarms;

namespace Pier.BitTorrent.Peers;

/// <summary>Lends the reports of one connection: filled by its receiver, given back by the swarm's loop, and used again.</summary>
internal sealed class PeerReports(IPeerLink link)
{
    // The loop is seldom more than one behind.
    private const int MaxIdle = 4;

    // A flood of small messages makes a long report; its memory is not kept for the next.
    private const int MaxFacts = 256;

    private readonly Lock _gate = new();
    private readonly Stack<SwarmEvent.PeerReport> _idle = new(MaxIdle);

    /// <summary>Takes an empty report.</summary>
    public SwarmEvent.PeerReport Take()
    {
        lock (_gate)
        {
            return _idle.TryPop(out var report) ? report : new SwarmEvent.PeerReport(link, [], this);
        }
    }

    /// <summary>Gives a report back, which nobody may look at any more.</summary>
    public void Return(SwarmEvent.PeerReport report)
    {
        report.Facts.Clear();
        lock (_gate)
        {
            if (_idle.Count < MaxIdle && report.Facts.Capacity <= MaxFacts)
            {
                _idle.Push(report);
            }
        }
    }
}
