namespace Pier.BitTorrent.Limits;

/// <summary>Turns a growing byte count, looked at about once a second, into a rate over the last seconds.</summary>
internal sealed class RateMeter
{
    // A new sample weighs a third: a rate settles within about five seconds and a pause shows at once.
    private const double Weight = 1.0 / 3;

    private long _last;

    /// <summary>Bytes per second.</summary>
    public double Rate { get; private set; }

    /// <summary>Looks at the count.</summary>
    /// <param name="total">Bytes so far.</param>
    /// <param name="elapsed">Time since the last look.</param>
    public void Sample(long total, TimeSpan elapsed)
    {
        if (elapsed <= TimeSpan.Zero)
        {
            return;
        }

        var now = (total - _last) / elapsed.TotalSeconds;
        _last = total;
        Rate = Rate == 0 ? now : Rate + (now - Rate) * Weight;
        if (Rate < 1)
        {
            Rate = 0;
        }
    }
}
