using System.Net;
using System.Net.Sockets;

namespace Pier.BitTorrent.Transports;

/// <summary>Peers over TCP, IPv4 and IPv6.</summary>
public sealed class TcpPeerTransport : IPeerTransport
{
    private const int Backlog = 512;

    /// <summary>The one instance; it has no state.</summary>
    public static TcpPeerTransport Instance { get; } = new();

    /// <inheritdoc/>
    public async ValueTask<Stream> ConnectAsync(IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(endPoint, cancellationToken);
            return Open(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public IPeerAcceptor Listen(IPEndPoint endPoint)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endPoint.Address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            socket.Bind(endPoint);
            socket.Listen(Backlog);
            return new Acceptor(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static NetworkStream Open(Socket socket)
    {
        // Requests and haves are small and must not wait for each other.
        socket.NoDelay = true;
        return new NetworkStream(socket, ownsSocket: true);
    }

    private sealed class Acceptor(Socket socket) : IPeerAcceptor
    {
        public IPEndPoint EndPoint { get; } = (IPEndPoint)socket.LocalEndPoint!;

        public async ValueTask<AcceptedPeer> AcceptAsync(CancellationToken cancellationToken)
        {
            var accepted = await socket.AcceptAsync(cancellationToken);
            try
            {
                return new AcceptedPeer(Open(accepted), Plain((IPEndPoint)accepted.RemoteEndPoint!));
            }
            catch
            {
                // It was reset before we looked at it.
                accepted.Dispose();
                throw;
            }
        }

        public ValueTask DisposeAsync()
        {
            socket.Dispose();
            return ValueTask.CompletedTask;
        }

        private static IPEndPoint Plain(IPEndPoint endPoint) =>
            endPoint.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(endPoint.Address.MapToIPv4(), endPoint.Port) : endPoint;
    }
}
