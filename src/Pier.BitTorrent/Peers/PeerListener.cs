using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Pier.BitTorrent.Swarms;

namespace Pier.BitTorrent.Peers;

/// <summary>The one TCP listener of an engine: takes connections for all torrents and hands each to the one it names.</summary>
internal sealed class PeerListener : IAsyncDisposable
{
    private const int Backlog = 512;

    private readonly EngineServices _services;
    private readonly Func<Stream, IPEndPoint, Wire.Handshake, bool> _route;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskSet _handshakes = new();
    private readonly Socket _socket;
    private readonly Task _accepting;

    /// <param name="services">What the engine shares.</param>
    /// <param name="listen">Where to listen; port 0 takes a free one.</param>
    /// <param name="route">Gives a connection to its torrent; false when nobody here has it.</param>
    /// <exception cref="SocketException">The address cannot be listened on.</exception>
    public PeerListener(EngineServices services, IPEndPoint listen, Func<Stream, IPEndPoint, Wire.Handshake, bool> route)
    {
        _services = services;
        _route = route;
        _socket = new Socket(listen.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (listen.Address.Equals(IPAddress.IPv6Any))
            {
                _socket.DualMode = true;
            }

            _socket.Bind(listen);
            _socket.Listen(Backlog);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }

        EndPoint = (IPEndPoint)_socket.LocalEndPoint!;
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint { get; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _socket.Dispose();
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
                Greet(await _socket.AcceptAsync(_stopping.Token));
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

    private void Greet(Socket socket)
    {
        var remote = socket.RemoteEndPoint as IPEndPoint;
        if (remote is null || !_services.Connections.TryOpen())
        {
            socket.Dispose();
            return;
        }

        var endPoint = remote.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(remote.Address.MapToIPv4(), remote.Port) : remote;
        _handshakes.Run(() => RouteAsync(socket, endPoint));
    }

    private async Task RouteAsync(Socket socket, IPEndPoint endPoint)
    {
        Stream? stream = null;
        var routed = false;
        try
        {
            stream = PeerHandshaker.Open(socket);
            using var timeout = new CancellationTokenSource(_services.Options.HandshakeTimeout, _services.Time);
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _stopping.Token);
            var handshake = await PeerHandshaker.ReceiveAsync(stream, linked.Token);
            routed = _route(stream, endPoint, handshake);
            if (!routed)
            {
                _services.Log.IncomingRefused(endPoint, $"no torrent {handshake.InfoHash} for it here");
            }
        }
        catch (Exception failure) when (failure is SocketException or IOException or Wire.WireException or OperationCanceledException)
        {
            _services.Log.IncomingRefused(endPoint, failure.Message);
        }
        finally
        {
            if (!routed)
            {
                _services.Connections.Close();
                if (stream is not null)
                {
                    await stream.DisposeAsync();
                }

                socket.Dispose();
            }
        }
    }
}
