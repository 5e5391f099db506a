using Microsoft.Extensions.Hosting;
using Pier.Volumes.Shelf;

namespace Pier.Daemon.Seeds;

/// <summary>Removes at the start what a commit that was cut short left of a volume: snapshots that no seed names.</summary>
internal sealed class SnapshotSweep(SeedLibrary seeds, VolumeShelf shelf) : IHostedService
{
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (seeds.Roots is { } published)
        {
            shelf.SweepSnapshots(published);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
