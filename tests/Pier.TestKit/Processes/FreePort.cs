using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Pier.TestKit.Processes;

/// <summary>Finds ports that nothing uses at the moment of asking, and none twice: whom it was given to may not have opened it yet.</summary>
public static class FreePort
{
    // Below what the system gives to outgoing connections (ip_local_port_range): one of those could take a port between here and its use.
    private const int First = 15_000;
    private const int Last = 32_000;

    private static readonly ConcurrentDictionary<int, bool> Given = new();

    /// <summary>A free port on the loopback address.</summary>
    /// <param name="alsoUdp">Free for UDP as well, as peers and trackers need.</param>
    public static int Next(bool alsoUdp = false)
    {
        for (var attempt = 0; attempt < 100; attempt++)
        {
            var port = Random.Shared.Next(First, Last);
            if (IsFree(port, SocketType.Stream, ProtocolType.Tcp) && (!alsoUdp || IsFree(port, SocketType.Dgram, ProtocolType.Udp)) && Given.TryAdd(port, true))
            {
                return port;
            }
        }

        throw new InvalidOperationException("No port of 127.0.0.1 in 100 tries was free for TCP, for UDP where asked, and new.");
    }

    private static bool IsFree(int port, SocketType type, ProtocolType protocol)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, type, protocol);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return false;
        }
    }
}
