using System.Net;
using Pier.Simulation.Clock;
using Pier.Simulation.Nodes;

namespace Pier.Simulation.Network;

/// <summary>Makes connections: what a listener, two handshakes and the bounds on connections decide.</summary>
internal sealed class Connecting(SimulatedNetwork network)
{
    /// <summary>Connects a swarm to an address.</summary>
    public void Dial(SimulatedSwarm from, IPEndPoint endPoint)
    {
        var node = network.NodeAt(endPoint);
        if (node.IsSilent || network.IsCut(from.Node, node))
        {
            network.Call(SimulatedTime.Of(network.Options.HandshakeTimeout), () => from.DialFailed(endPoint, isHopeless: false));
            return;
        }

        // There and back for TCP, there for our handshake.
        network.Call(3 * network.Latency, () => Arrive(from, node));
    }

    private void Arrive(SimulatedSwarm from, SimulatedNode node)
    {
        var to = node.Swarms.FirstOrDefault(swarm => swarm.Content == from.Content);
        var isOurselves = ReferenceEquals(node, from.Node);
        if (isOurselves || to is null || !node.IsUp || node.Bans.Contains(from.Node.EndPoint.Address) || !node.Connections.TryOpen())
        {
            network.Call(network.Latency, () => from.DialFailed(node.EndPoint, isOurselves));
            return;
        }

        var (near, far) = network.Link(from, to);
        network.Call(network.Latency, () => Establish(from, near));
        to.Opened(far);
    }

    private static void Establish(SimulatedSwarm from, SimulatedLink near)
    {
        from.Node.Connections.EndDial();
        if (from.Node.IsUp)
        {
            from.Opened(near);
        }
        else
        {
            near.IsClosed = true;
        }
    }
}
