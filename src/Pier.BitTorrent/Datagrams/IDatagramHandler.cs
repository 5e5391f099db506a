using System.Net;

namespace Pier.BitTorrent.Datagrams;

/// <summary>One of the protocols that share the engine's UDP port: DHT (BEP 5), the UDP tracker (BEP 15), later uTP (BEP 29).</summary>
public interface IDatagramHandler
{
    /// <summary>
    /// Whether a datagram is this protocol's, judged by its first bytes alone; the first handler that says so gets it. DHT
    /// messages start with <c>d</c>; a tracker's connect request with its magic number, later requests with a connection id, so
    /// that the tracker must give out none whose first byte is <c>d</c>.
    /// </summary>
    bool Knows(ReadOnlySpan<byte> datagram);

    /// <summary>
    /// Takes a datagram. Called by the one receiving loop: must not wait, and must copy what it keeps. What it throws is logged
    /// and costs the datagram only.
    /// </summary>
    /// <param name="datagram">Its bytes, as hostile as anything from the network.</param>
    /// <param name="from">The sender as claimed, which may be forged; IPv4 addresses are never mapped into IPv6.</param>
    void Receive(ReadOnlySpan<byte> datagram, IPEndPoint from);
}
