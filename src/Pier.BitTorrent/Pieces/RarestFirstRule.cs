using System.Numerics;

namespace Pier.BitTorrent.Pieces;

/// <summary>
/// Starts the piece that the fewest peers have, at random among equals, so that peers have something to trade. When all peers
/// are seeds nothing can be traded and nothing is rare: then in order, which disks, readers and sealing like best. Pieces of
/// more urgent files come first.
/// </summary>
internal sealed class RarestFirstRule(Random random, IPickRule next) : IPickRule
{
    private const int WordBits = 64;

    /// <inheritdoc/>
    public void Pick(PickRequest request)
    {
        while (request.Wanted > 0 && Choose(request) is { } piece && request.Board.TryStart(piece) is { } partial)
        {
            request.TakeFrom(partial);
        }

        if (request.Wanted > 0)
        {
            next.Pick(request);
        }
    }

    private int? Choose(PickRequest request)
    {
        var classes = request.Board.Demand.Classes;
        for (var urgency = 0; urgency < classes.Count; urgency++)
        {
            if (Choose(request, classes[urgency].Words) is { } piece)
            {
                return piece;
            }
        }

        return null;
    }

    private int? Choose(PickRequest request, ReadOnlySpan<ulong> missing)
    {
        var have = request.Pieces.Words;
        var busy = request.Board.Busy.Words;
        var inOrder = request.Board.Leeches == 0;
        var start = inOrder ? 0 : random.Next(have.Length);
        var (best, rarest) = (-1, int.MaxValue);
        for (var step = 0; step < have.Length; step++)
        {
            var word = (start + step) % have.Length;
            var candidates = have[word] & missing[word] & ~busy[word];
            if (candidates == 0)
            {
                continue;
            }

            if (inOrder)
            {
                return word * WordBits + BitOperations.TrailingZeroCount(candidates);
            }

            // Within a word start at a random bit too, else the low piece of each 64 would always be preferred.
            var turn = random.Next(WordBits);
            for (var bits = BitOperations.RotateRight(candidates, turn); bits != 0; bits &= bits - 1)
            {
                var piece = word * WordBits + (BitOperations.TrailingZeroCount(bits) + turn) % WordBits;
                if (request.Board.AvailabilityOf(piece) is var availability && availability < rarest)
                {
                    (best, rarest) = (piece, availability);
                }
            }
        }

        return best < 0 ? null : best;
    }
}
