using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Pieces;
using Pier.Simulation.Network;

namespace Pier.Simulation.Nodes;

/// <summary>In the place of hashes: a block is bad when a liar sent it.</summary>
internal sealed class PieceJudge(SimulatedNetwork network)
{
    /// <summary>What hashing a piece would say.</summary>
    public PieceOutcome Judge(PieceJob job)
    {
        var good = true;
        for (var block = 0; block < job.Buffer.BlockCount && network.HasLiars; block++)
        {
            good &= HashOf(job.Buffer, block) == 0;
        }

        return good
            ? new PieceOutcome(job.Piece, job.Buffer, Passed: true, null, CulpritsOf(job), null)
            : new PieceOutcome(job.Piece, job.Buffer, Passed: false, BlockEvidence.Of(job.Buffer, block => HashOf(job.Buffer, block)), [], null);
    }

    private static PeerOrigin[] CulpritsOf(PieceJob job) =>
        job.Earlier.Count == 0 ? [] : [.. job.Earlier.SelectMany(earlier => earlier.CulpritsAgainst(_ => 0)).Distinct()];

    private UInt128 HashOf(PieceBuffer buffer, int block)
    {
        var sender = network.NodeAt(((PeerOrigin)buffer.ContributorOf(block)!).EndPoint);
        return sender.Plan.IsLiar ? (UInt128)(sender.Index + 1) : 0;
    }
}
