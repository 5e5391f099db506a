using System.Net;

namespace Pier.BitTorrent.Transports;

/// <summary>
/// How connections to peers are made and taken. TCP is one way; others, and simulated networks, plug in here. Only the opening
/// passes through it: blocks travel over the streams it gives.
/// </summary>
public interface IPeerTransport
{
    /// <summary>Connects.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">Nobody answers there.</exception>
    /// <exception cref="IOException">Nobody answers there, as transports without sockets say it.</exception>
    ValueTask<Stream> ConnectAsync(IPEndPoint endPoint, CancellationToken cancellationToken);

    /// <summary>Starts to listen; the unspecified IPv6 address stands for both families.</summary>
    /// <param name="endPoint">Where; port 0 takes a free one.</param>
    /// <exception cref="System.Net.Sockets.SocketException">The address cannot be listened on.</exception>
    IPeerAcceptor Listen(IPEndPoint endPoint);
}
