using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Pier.TestKit.Processes;

/// <summary>Finds ports that nothing uses at the moment of asking, and none twice: whom it was given to may not have opened it yet.</summary>
public static class FreePort
{
    private static readonly ConcurrentDictionary<int, bool> Given = new();

    /// <summary>A free port on the loopback address.</summary>
    /// <param name="alsoUdp">Free for UDP as well, as peers and trackers need.</param>
    public static int Next(bool alsoUdp = false)
    {
        for (var attempt = 0; attempt < 100; attempt++)
        {
            using var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            tcp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            var port = ((IPEndPoint)tcp.LocalEndPoint!).Port;
            if ((!alsoUdp || UdpIsFree(port)) && Given.TryAdd(port, true))
            {
                return port;
            }
        }
        throw new InvalidOperationException("No port of 127.0.0.1 in 100 tries was free for TCP, for UDP where asked, and new.");
    }

    private static bool UdpIsFree(int port)
    {
        using var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            udp.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return false;
        }
    }
}
