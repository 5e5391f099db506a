using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Transports;

namespace Pier.BitTorrent.Peers;

/// <summary>Gives a connection to the torrent that it names; false when nobody here has it.</summary>
internal delegate ValueTask<bool> PeerRoute(Stream stream, IPEndPoint endPoint, Wire.Handshake handshake, CancellationToken cancellationToken);

/// <summary>The one listener of an engine: takes connections for all torrents and hands each to the one it names.</summary>
internal sealed class PeerListener : IAsyncDisposable
{
    private readonly EngineServices _services;
    private readonly PeerRoute _route;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskSet _handshakes = new();
    private readonly IPeerAcceptor _acceptor;
    private readonly Task _accepting;

    /// <param name="services">What the engine shares.</param>
    /// <param name="listen">Where to listen; port 0 takes a free one.</param>
    /// <param name="route">Takes connections.</param>
    /// <exception cref="SocketException">The address cannot be listened on.</exception>
    public PeerListener(EngineServices services, IPEndPoint listen, PeerRoute route)
    {
        _services = services;
        _route = route;
        _acceptor = services.Doors.Transport.Listen(listen);
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint => _acceptor.EndPoint;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _acceptor.DisposeAsync();
        await _accepting;
        await _handshakes.WhenIdleAsync();
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await GreetAsync(await _acceptor.AcceptAsync(_stopping.Token));
            }
            catch (Exception ended) when (ended is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException failure)
            {
                // One connection failed, or descriptors ran out: others may still come.
                _services.Log.AcceptFailed(failure);
                await PauseAsync();
            }
        }
    }

    private async Task PauseAsync()
    {
        try
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), _services.Time, _stopping.Token);
        }
        catch (OperationCanceledException)
        {
            // Stopping ends the pause; the loop's condition sees it.
        }
    }

    private async ValueTask GreetAsync(AcceptedPeer accepted)
    {
        if (_services.Connections.TryOpen())
        {
            _handshakes.Run(() => RouteAsync(accepted));
        }
        else
        {
            await accepted.Stream.DisposeAsync();
        }
    }

    private async Task RouteAsync(AcceptedPeer accepted)
    {
        var routed = false;
        try
        {
            using var timeout = new CancellationTokenSource(_services.Options.HandshakeTimeout, _services.Time);
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _stopping.Token);
            var (stream, handshake) = await _services.Doors.Greeter.ReceiveAsync(accepted, linked.Token);
            routed = await _route(stream, accepted.EndPoint, handshake, linked.Token);
            if (!routed)
            {
                _services.Log.IncomingRefused(accepted.EndPoint, $"no torrent {handshake.InfoHash} for it here");
            }
        }
        catch (Exception failure) when (failure is SocketException or IOException or Wire.WireException or OperationCanceledException)
        {
            _services.Log.IncomingRefused(accepted.EndPoint, failure.Message);
        }
        finally
        {
            if (!routed)
            {
                _services.Connections.Close();
                await accepted.Stream.DisposeAsync();
            }
        }
    }
}
