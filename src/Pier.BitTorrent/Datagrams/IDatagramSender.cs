using System.Net;

namespace Pier.BitTorrent.Datagrams;

/// <summary>Sends datagrams; what the UDP protocols of the engine see of the network.</summary>
public interface IDatagramSender
{
    /// <summary>Sends a datagram without waiting; false when it certainly will not arrive.</summary>
    bool Send(ReadOnlySpan<byte> datagram, IPEndPoint to);
}
