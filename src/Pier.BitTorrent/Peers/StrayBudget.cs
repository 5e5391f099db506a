using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Peers;

/// <summary>
/// Bounds the messages of one peer that lead to nothing: cancels of what is not queued, rejects of what was not asked for,
/// requests while choked, suggestions, toggles. Some cross ours on the way; a flood is hung up on. Used from the connection's
/// own thread.
/// </summary>
internal sealed class StrayBudget(TimeProvider time)
{
    // More than a whole queue of requests that were under way when we choked.
    private const int Most = 8192;
    private const int PerSecond = 256;

    private double _left = Most;
    private long _filledAt = time.GetTimestamp();

    /// <summary>Takes note of such a message.</summary>
    /// <param name="what">What it was.</param>
    /// <param name="cost">More than 1 for what costs us more than a glance.</param>
    /// <exception cref="WireException">The budget is spent.</exception>
    public void Spend(string what, int cost = 1)
    {
        _left -= cost;
        if (_left >= 0)
        {
            return;
        }

        var now = time.GetTimestamp();
        _left = Math.Min(Most, _left + time.GetElapsedTime(_filledAt, now).TotalSeconds * PerSecond);
        _filledAt = now;
        if (_left < 0)
        {
            throw new WireException($"a flood of messages that lead to nothing, the last of them {what}");
        }
    }
}
