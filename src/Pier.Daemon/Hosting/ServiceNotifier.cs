using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Pier.Daemon.Hosting;

/// <summary>Tells systemd when the daemon is ready and when it stops (sd_notify(3), Type=notify).</summary>
internal sealed class ServiceNotifier(ILogger<ServiceNotifier> logger) : IHostedLifecycleService
{
    private readonly string? _socketPath = Environment.GetEnvironmentVariable("NOTIFY_SOCKET");

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => SendAsync("READY=1", cancellationToken);

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => SendAsync("STOPPING=1", cancellationToken);

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task SendAsync(string state, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(_socketPath))
        {
            return;
        }
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            // A leading @ stands for the abstract name space.
            var path = _socketPath[0] == '@' ? $"\0{_socketPath[1..]}" : _socketPath;
            await socket.SendToAsync(Encoding.ASCII.GetBytes(state), new UnixDomainSocketEndPoint(path), cancellationToken);
        }
        catch (SocketException refused)
        {
            logger.NotifyFailed(_socketPath, refused);
        }
    }
}
