using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Pier.BitTorrent.Engine;
using Pier.Daemon.Listeners;

namespace Pier.Daemon.Hosting;

/// <summary>Starts the BitTorrent engine before everything that seeds, and stops it after.</summary>
internal sealed class EngineService(BitTorrentEngine engine, ListenerPlan plan) : IHostedService
{
    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await engine.StartAsync(cancellationToken);
        }
        catch (SocketException refused)
        {
            throw PortCheck.Refused(plan.Peers, refused);
        }
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken) => await engine.DisposeAsync();
}
