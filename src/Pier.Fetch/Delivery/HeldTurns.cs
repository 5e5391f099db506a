using System.Collections.Concurrent;
using Pier.Fetch.Ladder;

namespace Pier.Fetch.Delivery;

/// <summary>The turns of a fetch whose legs have brought the last byte: kept until the blob is sealed, so that the others are sent here.</summary>
internal sealed class HeldTurns
{
    private readonly ConcurrentQueue<ITurn> _turns = new();

    /// <summary>A leg gives its turn back: at once when it failed, else when the blob is sealed.</summary>
    public async ValueTask ReturnAsync(ITurn turn, bool complete)
    {
        if (complete)
        {
            _turns.Enqueue(turn);
            return;
        }
        await turn.ReleaseAsync(isSealed: false);
    }

    /// <summary>The fetch has ended.</summary>
    public async ValueTask ReleaseAsync(bool isSealed)
    {
        while (_turns.TryDequeue(out var turn))
        {
            await turn.ReleaseAsync(isSealed);
        }
    }
}
