using Microsoft.Extensions.Hosting;
using Pier.BitTorrent.Tracking;

namespace Pier.Daemon.Tracking;

/// <summary>What the tracker does when nobody asks: forgets old peers, and finds peers for this node's own downloads.</summary>
internal sealed class TrackerService(SwarmRegistry registry, TrackerDesk desk, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                registry.Sweep();
                desk.FindPeers();
            }
        }
        catch (OperationCanceledException)
        {
            // The daemon is stopping.
        }
    }
}
