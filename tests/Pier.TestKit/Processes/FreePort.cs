using System.Net;
using System.Net.Sockets;

namespace Pier.TestKit.Processes;

/// <summary>Finds ports that nothing uses at the moment of asking.</summary>
public static class FreePort
{
    /// <summary>A free port on the loopback address.</summary>
    /// <param name="alsoUdp">Free for UDP as well, as peers and trackers need.</param>
    public static int Next(bool alsoUdp = false)
    {
        for (var attempt = 0; attempt < 100; attempt++)
        {
            using var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            tcp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            var port = ((IPEndPoint)tcp.LocalEndPoint!).Port;
            if (!alsoUdp || UdpIsFree(port))
            {
                return port;
            }
        }
        throw new InvalidOperationException("No port in 100 tries was free for both TCP and UDP on 127.0.0.1.");
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
