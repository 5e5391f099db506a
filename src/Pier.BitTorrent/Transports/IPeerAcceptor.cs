using System.Net;

namespace Pier.BitTorrent.Transports;

/// <summary>A listener of a transport; disposing ends it.</summary>
public interface IPeerAcceptor : IAsyncDisposable
{
    /// <summary>Where it listens.</summary>
    IPEndPoint EndPoint { get; }

    /// <summary>Waits for the next connection.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">One connection failed; others may still come.</exception>
    /// <exception cref="ObjectDisposedException">The listener has ended.</exception>
    ValueTask<AcceptedPeer> AcceptAsync(CancellationToken cancellationToken);
}

/// <summary>A connection that somebody made to us.</summary>
/// <param name="Stream">The connection.</param>
/// <param name="EndPoint">The other side, IPv4 addresses as such.</param>
public readonly record struct AcceptedPeer(Stream Stream, IPEndPoint EndPoint);
