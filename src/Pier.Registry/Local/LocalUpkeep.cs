using Microsoft.Extensions.Hosting;
using Pier.Store.Uploads;

namespace Pier.Registry.Local;

/// <summary>Puts the node's own repositories in order at start, and drops uploads that nobody goes on with.</summary>
internal sealed class LocalUpkeep(LocalImages images, LocalContent content, Uploads uploads, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await content.RecordAllAsync(cancellationToken);
        await images.AdoptTaggedAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var tick = new PeriodicTimer(Interval, clock);
        try
        {
            do
            {
                uploads.Expire();
            }
            while (await tick.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The node is stopping.
        }
    }
}
