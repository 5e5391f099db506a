using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Pier.Api.Cluster;
using Pier.BitTorrent.Engine;
using Pier.Daemon.Http;
using Pier.Daemon.Listeners;
using Pier.Daemon.Options;
using Pier.Membership;
using Pier.Membership.Joining;

namespace Pier.Daemon.Nodes;

/// <summary>Founds the cluster and hands out what others need to join; opens the BitTorrent port to them, unless it was placed by hand.</summary>
internal sealed class ClusterDoor(ICluster cluster, BitTorrentEngine engine, DaemonOptions options, ILogger<ClusterDoor> logger)
{
    /// <summary>Makes this node the first member of a cluster.</summary>
    /// <exception cref="ControlException">It is in a cluster already, or a port is taken.</exception>
    public async Task<ClusterToken> InitAsync(string? advertise, CancellationToken cancellationToken)
    {
        try
        {
            var token = await cluster.InitAsync(cancellationToken);
            await OpenPeersAsync(cancellationToken);
            return Describe(token, advertise);
        }
        catch (ClusterException refused)
        {
            throw Refused(refused);
        }
    }

    /// <summary>A token for a further node.</summary>
    /// <exception cref="ControlException">This node is in no cluster.</exception>
    public ClusterToken Token()
    {
        try
        {
            return Describe(cluster.CreateToken(), advertise: null);
        }
        catch (ClusterException refused)
        {
            throw Refused(refused);
        }
    }

    private async Task OpenPeersAsync(CancellationToken cancellationToken)
    {
        if (options.Peers is not null || !IPAddress.IsLoopback(engine.ListenEndPoint.Address))
        {
            return;
        }
        var everywhere = new IPEndPoint(DaemonOptions.EveryAddress, engine.ListenEndPoint.Port);
        try
        {
            await engine.MoveListenerAsync(everywhere, cancellationToken);
            logger.ListeningBeyondLoopback("peers", engine.ListenEndPoint.ToString());
        }
        catch (SocketException taken)
        {
            var refusal = PortCheck.Refused(new PortDoor("peers", "--peers", everywhere), taken);
            throw ControlException.Conflict(
                $"The cluster is made, but others cannot reach this node's BitTorrent port: {refusal.Message}", $"{refusal.Hint} Then restart pierd.");
        }
    }

    private ClusterToken Describe(JoinToken token, string? advertise)
    {
        var listens = cluster.NodePort ?? options.Node;
        var everywhere = listens.Address.Equals(IPAddress.Any) || listens.Address.Equals(IPAddress.IPv6Any);
        var host = advertise ?? options.Advertise ?? (everywhere ? AddressOfHost() : listens.Address.ToString());
        var port = listens.Port;
        return new ClusterToken(token.Reveal(), host.Contains(':', StringComparison.Ordinal) && host[0] != '[' ? $"[{host}]:{port}" : $"{host}:{port}");
    }

    /// <summary>The first address of this host that others can use, or its name when it has none.</summary>
    private static string AddressOfHost() =>
        NetworkInterface.GetAllNetworkInterfaces()
            .Where(network => network.OperationalStatus == OperationalStatus.Up && network.NetworkInterfaceType != NetworkInterfaceType.Loopback)
            .OrderByDescending(network => network.GetIPProperties().GatewayAddresses.Count)
            .SelectMany(network => network.GetIPProperties().UnicastAddresses)
            .Select(unicast => unicast.Address)
            .FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork)?.ToString()
        ?? Environment.MachineName;

    private static ControlException Refused(ClusterException refused) => refused.Failure switch
    {
        ClusterFailure.NotMember => ControlException.Conflict(refused.Message, "Make a cluster first: pier cluster init."),
        ClusterFailure.AlreadyMember => ControlException.Conflict(refused.Message, "Print a token for a further node: pier cluster token."),
        ClusterFailure.PortTaken => ControlException.Conflict(refused.Message, "Start pierd with another node port: --node ADDRESS:PORT."),
        _ => ControlException.Conflict(refused.Message),
    };
}
