using System.Net;
using System.Net.Sockets;
using Pier.BitTorrent.Transports;
using Pier.TestKit.Network;

namespace Pier.InteropTests.Engine;

/// <summary>Puts an engine of the test's process on a host of a test network.</summary>
internal sealed class NamespaceTransport(NetworkNamespace space) : IPeerTransport
{
    public async ValueTask<Stream> ConnectAsync(IPEndPoint endPoint, CancellationToken cancellationToken) =>
        await space.ConnectAsync(endPoint, cancellationToken);

    public IPeerAcceptor Listen(IPEndPoint endPoint) => new Acceptor(space.Listen(endPoint));

    private sealed class Acceptor(Socket socket) : IPeerAcceptor
    {
        public IPEndPoint EndPoint { get; } = (IPEndPoint)socket.LocalEndPoint!;

        public async ValueTask<AcceptedPeer> AcceptAsync(CancellationToken cancellationToken)
        {
            var accepted = await socket.AcceptAsync(cancellationToken);
            return new AcceptedPeer(new NetworkStream(accepted, ownsSocket: true), (IPEndPoint)accepted.RemoteEndPoint!);
        }

        public ValueTask DisposeAsync()
        {
            socket.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
