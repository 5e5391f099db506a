using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Pier.BitTorrent.Datagrams;

/// <summary>
/// The engine's one UDP socket, on the number of its TCP port: gives each datagram to the handler that knows it. It opens with
/// the engine when a handler was added before, and moves with it. Thread-safe.
/// </summary>
public sealed class DatagramDoor : IDatagramSender
{
    private const int MaxDatagram = 64 * 1024;

    private readonly ILogger _log;
    private readonly Lock _gate = new();
    private IDatagramHandler[] _handlers = [];
    private bool _wasOpened;
    private volatile Socket? _socket;
    private Task _receiving = Task.CompletedTask;

    internal DatagramDoor(ILogger log) => _log = log;

    /// <summary>Where it listens; null while closed.</summary>
    public IPEndPoint? EndPoint { get; private set; }

    /// <summary>Adds a protocol. Before the engine starts, because a door that nobody asked for stays shut.</summary>
    /// <exception cref="InvalidOperationException">The engine is started, and the door was left shut.</exception>
    public void Add(IDatagramHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        lock (_gate)
        {
            if (_handlers.Length == 0 && _wasOpened)
            {
                throw new InvalidOperationException("handlers of datagrams are added before the engine starts");
            }

            _handlers = [.. _handlers, handler];
        }
    }

    /// <inheritdoc/>
    public bool Send(ReadOnlySpan<byte> datagram, IPEndPoint to)
    {
        ArgumentNullException.ThrowIfNull(to);
        if (_socket is not { } socket || (to.AddressFamily != socket.AddressFamily && !IsDual(socket)))
        {
            return false;
        }

        try
        {
            return socket.SendTo(datagram, SocketFlags.None, to) == datagram.Length;
        }
        catch (Exception lost) when (lost is SocketException or ObjectDisposedException)
        {
            // No route, a full queue, a door that is closing: for whoever waits for an answer all the same as loss on the way.
            return false;
        }
    }

    /// <summary>Opens the socket, unless there is nobody to receive for.</summary>
    /// <exception cref="SocketException">The address cannot be listened on.</exception>
    internal void Open(IPEndPoint listen)
    {
        lock (_gate)
        {
            _wasOpened = true;
            if (_handlers.Length == 0)
            {
                return;
            }
        }

        var socket = new Socket(listen.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (listen.Address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            socket.Bind(listen);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        EndPoint = (IPEndPoint)socket.LocalEndPoint!;
        _socket = socket;
        _receiving = Task.Run(() => ReceiveAsync(socket));
    }

    /// <summary>Closes the socket and waits until no handler is at work; it can be opened again.</summary>
    internal async Task CloseAsync()
    {
        var socket = _socket;
        _socket = null;
        EndPoint = null;
        socket?.Dispose();
        await _receiving;
    }

    private static bool IsDual(Socket socket) => socket.AddressFamily == AddressFamily.InterNetworkV6 && socket.DualMode;

    private async Task ReceiveAsync(Socket socket)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(MaxDatagram, pinned: true);
        var anywhere = new IPEndPoint(socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        while (_socket == socket)
        {
            try
            {
                var received = await socket.ReceiveFromAsync(buffer, SocketFlags.None, anywhere);
                Dispatch(buffer.AsSpan(0, received.ReceivedBytes), (IPEndPoint)received.RemoteEndPoint);
            }
            catch (Exception closed) when (closed is ObjectDisposedException or OperationCanceledException
                || closed is SocketException { SocketErrorCode: SocketError.OperationAborted or SocketError.Interrupted })
            {
                return;
            }
            catch (SocketException failure)
            {
                // What an earlier datagram met on its way may be reported here: nothing of the next one's.
                _log.DatagramFailed(failure);
            }
        }
    }

    private void Dispatch(ReadOnlySpan<byte> datagram, IPEndPoint from)
    {
        foreach (var handler in _handlers)
        {
            if (!handler.Knows(datagram))
            {
                continue;
            }

            try
            {
                handler.Receive(datagram, from.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(from.Address.MapToIPv4(), from.Port) : from);
            }
            catch (Exception defect) when (defect is not OutOfMemoryException)
            {
                // Nothing that a stranger sends may end the loop for all the others.
                _log.DatagramHandlerFailed(from, defect);
            }

            return;
        }
    }
}
