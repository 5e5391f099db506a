using Pier.Simulation.Clock;
using Pier.Simulation.Network;
using Pier.Simulation.Nodes;

namespace Pier.Simulation.Scenarios;

/// <summary>
/// A registry that holders of turns fetch a blob from, one from the start and one from the end until they meet. Each piece
/// that has come whole is served at once.
/// </summary>
internal sealed class Upstream(SimulatedNetwork network, double bytesPerSecond)
{
    /// <summary>Bytes that it sent.</summary>
    public long Sent { get; private set; }

    /// <summary>Has a swarm filled, once its storage is open.</summary>
    public void Fill(SimulatedSwarm swarm) => network.Call(1, () => Next(swarm));

    private void Next(SimulatedSwarm swarm)
    {
        if (!swarm.Node.IsUp || NextPiece(swarm) is not { } piece)
        {
            return;
        }

        var bytes = swarm.Grid.SizeOf(piece);
        Sent += bytes;
        network.Call((long)(bytes / bytesPerSecond * SimulatedTime.Second), () =>
        {
            if (swarm.Node.IsUp)
            {
                swarm.Stored(piece);
                Next(swarm);
            }
        });
    }

    private static int? NextPiece(SimulatedSwarm swarm)
    {
        var pieces = Enumerable.Range(0, swarm.Grid.PieceCount);
        return (swarm.Node.Plan.Turn == UpstreamTurn.Backwards ? pieces.Reverse() : pieces)
            .Where(piece => !swarm.Have[piece]).Select(piece => (int?)piece).FirstOrDefault();
    }
}
