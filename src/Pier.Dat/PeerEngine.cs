using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Pier.BitTorrent.Dht;
using Pier.BitTorrent.Engine;

namespace Pier.Dat;

/// <summary>Opens a BitTorrent peer as an image needs it: reachable from outside, small in memory.</summary>
internal static class PeerEngine
{
    private const long PieceMemory = 64L << 20;

    /// <summary>Starts one.</summary>
    /// <param name="settings">What the environment says.</param>
    /// <param name="port">The port that it must have; null for the usual one, or a free one when that is taken.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DatException">No port can be had.</exception>
    public static async Task<BitTorrentEngine> StartAsync(DatSettings settings, int? port, TimeProvider time, CancellationToken cancellationToken)
    {
        int[] ports = port is { } asked ? [asked] : [DatSettings.DefaultPort, 0];
        SocketException? last = null;
        foreach (var candidate in ports)
        {
            // Where the kernel has no IPv6, IPv4 alone will do.
            foreach (var address in new[] { IPAddress.IPv6Any, IPAddress.Any })
            {
                var engine = new BitTorrentEngine(OptionsOf(settings, new IPEndPoint(address, candidate)), time, NullLoggerFactory.Instance);
                try
                {
                    await engine.StartAsync(cancellationToken);
                    return engine;
                }
                catch (SocketException refused)
                {
                    last = refused;
                    await engine.DisposeAsync();
                }
            }
        }

        throw new DatException($"port {ports[0]}: {last!.Message}", last);
    }

    private static BitTorrentOptions OptionsOf(DatSettings settings, IPEndPoint listen) => new()
    {
        Listen = listen,
        Dht = settings.Discovers ? new DhtOptions { Bootstrap = settings.Bootstrap } : null,
        Lsd = settings.Discovers,
        PieceMemory = PieceMemory,
    };
}
