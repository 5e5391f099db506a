using Microsoft.Extensions.Hosting;
using Pier.Store.Eviction;

namespace Pier.Daemon.Hosting;

/// <summary>Owns the loop that keeps the store within <c>--quota</c>.</summary>
internal sealed class EvictionService(Evictor evictor) : BackgroundService
{
    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => evictor.RunAsync(stoppingToken);
}
