using Microsoft.Extensions.Hosting;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Tracking;

namespace Pier.Daemon.Tracking;

/// <summary>
/// Opens the tracker's UDP door on the peers' port, and does what it does when nobody asks: forgets old peers, and finds peers
/// for this node's own downloads.
/// </summary>
internal sealed class TrackerService(
    Tracker tracker, TrackerDesk desk, BitTorrentEngine engine, TimeProvider clock) : BackgroundService, IHostedLifecycleService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    /// <inheritdoc/>
    /// <remarks>The engine opens its UDP port only for those who asked for it before.</remarks>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        engine.Datagrams.Add(new UdpTrackerHandler(new UdpTrackerServer(tracker, clock), engine.Datagrams));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                tracker.Registry.Sweep();
                desk.FindPeers();
            }
        }
        catch (OperationCanceledException)
        {
            // The daemon is stopping.
        }
    }
}
