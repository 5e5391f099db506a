using System.Net;
using Pier.BitTorrent.Datagrams;

namespace Pier.BitTorrent.Tracking;

/// <summary>Puts our tracker on the engine's UDP port.</summary>
public sealed class UdpTrackerHandler(UdpTrackerServer server, IDatagramSender sender) : IDatagramHandler
{
    private readonly byte[] _answer = new byte[UdpTrackerServer.MaxAnswer];

    /// <inheritdoc/>
    public bool Knows(ReadOnlySpan<byte> datagram) => UdpTrackerServer.Knows(datagram);

    /// <inheritdoc/>
    public void Receive(ReadOnlySpan<byte> datagram, IPEndPoint from)
    {
        ArgumentNullException.ThrowIfNull(from);
        if (server.Answer(datagram, from.Address, _answer) is > 0 and var length)
        {
            sender.Send(_answer.AsSpan(0, length), from);
        }
    }
}
