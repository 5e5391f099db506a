using System.Net;
using System.Net.Sockets;
using Pier.Daemon.Listeners;
using Pier.Daemon.Options;

namespace Pier.Daemon.Hosting;

/// <summary>
/// A daemon beside another on one host, such as the managed plugin's beside the host's own: it keeps to volumes, with a state
/// folder and a socket of its own and no port that anybody knows.
/// </summary>
internal static class SecondDaemon
{
    private const string StateSuffix = "-volumes";

    /// <summary>The options as they are to be: changed when another daemon is there, or it is always to be so.</summary>
    public static DaemonOptions Settle(DaemonOptions options) => options.VolumesOnly switch
    {
        VolumesOnly.On => Beside(options),
        VolumesOnly.Auto when File.Exists(options.Socket) && ControlSocket.Answers(options.Socket) => Beside(options),
        _ => options with { VolumesOnly = VolumesOnly.Off },
    };

    private static DaemonOptions Beside(DaemonOptions options)
    {
        var state = Path.TrimEndingDirectorySeparator(options.State) + StateSuffix;
        return options with
        {
            VolumesOnly = VolumesOnly.On,
            State = state,
            Socket = Path.Combine(state, "pier.sock"),
            Registry = [Free(IPAddress.Loopback)],
            RegistryIsDefault = false,
            RegistryTls = [],
            Control = Free(IPAddress.Loopback),
            Peers = Free(options.Peers?.Address ?? IPAddress.Loopback),
            Join = null,
            Token = null,
            Adopt = [],
            Frontend = null,
        };
    }

    /// <summary>A port that is free for TCP and UDP now.</summary>
    private static IPEndPoint Free(IPAddress address)
    {
        while (true)
        {
            using var tcp = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            tcp.Bind(new IPEndPoint(address, 0));
            var place = (IPEndPoint)tcp.LocalEndPoint!;
            using var udp = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            try
            {
                udp.Bind(place);
                return place;
            }
            catch (SocketException)
            {
                // Somebody has it for UDP: another one.
            }
        }
    }
}
