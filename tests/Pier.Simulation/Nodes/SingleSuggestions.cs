using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Wire;
using Pier.Simulation.Network;

namespace Pier.Simulation.Nodes;

/// <summary>Suggests each peer any one piece that it lacks (BEP 6), and the next once it has that, as programs do that tell what they have in memory.</summary>
/// <param name="random">Chooses the pieces.</param>
internal sealed class SingleSuggestions(Random random)
{
    private readonly Dictionary<SimulatedLink, int> _last = [];

    /// <summary>A peer did these things.</summary>
    public void Heard(SimulatedLink link, List<PeerFact> facts)
    {
        var isFirst = link.Session is { IsInterested: true } && !_last.ContainsKey(link);
        if (!isFirst && !facts.Exists(fact => fact.Kind == PeerFactKind.Have && _last.TryGetValue(link, out var last) && fact.Index == last))
        {
            return;
        }

        var held = link.Session?.Pieces;
        var missing = Enumerable.Range(0, link.Owner.Grid.PieceCount).Where(piece => held?[piece] != true).ToArray();
        if (missing.Length > 0)
        {
            _last[link] = missing[random.Next(missing.Length)];
            link.PostPiece(MessageId.SuggestPiece, _last[link]);
        }
    }
}
