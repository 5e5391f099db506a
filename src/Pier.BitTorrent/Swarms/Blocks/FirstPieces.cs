namespace Pier.BitTorrent.Swarms.Blocks;

/// <summary>
/// How many peers a seed serves while they have nothing to trade: one after another gets its first piece over the whole line, and passes
/// it on while the next gets one. Served all at once each would have its first as late as the last one. Part of a swarm's loop.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="isOver">Whether there is nothing of the kind to look after.</param>
internal sealed class FirstPieces(TimeProvider time, bool isOver)
{
    // Peers that are slow, or do not say what they have, hold up nobody.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    // As many as trade by themselves.
    private const int Enough = 8;

    private int _seen;
    private long? _begun;
    private bool _isOver = isOver;

    /// <summary>Peers that are served besides the optimistic one.</summary>
    public int Places => _isOver ? int.MaxValue : 1 + _seen;

    /// <summary>A peer got a piece, from us or from another.</summary>
    /// <returns>Whether more peers are served than before.</returns>
    public bool Got()
    {
        if (_isOver)
        {
            return false;
        }

        _seen++;
        _isOver = _seen >= Enough;
        return true;
    }

    /// <summary>Once a second.</summary>
    /// <param name="isServing">Whether anybody wants something.</param>
    /// <returns>Whether more peers are served than before.</returns>
    public bool Tick(bool isServing)
    {
        if (_isOver || !isServing)
        {
            return false;
        }

        _begun ??= time.GetTimestamp();
        return _isOver = time.GetElapsedTime(_begun.Value) >= Patience;
    }
}
