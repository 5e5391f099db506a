namespace Pier.BitTorrent.Peers;

/// <summary>
/// Counts how often peers broke the protocol. Once may be a defect and costs a connection; who does it again and again wants to
/// harm. Thread-safe.
/// </summary>
internal sealed class StrikeList(TimeProvider time)
{
    private const int Most = 5;
    private const int MaxEntries = 4096;
    private static readonly TimeSpan Memory = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<object, (int Count, long At)> _strikes = [];

    /// <summary>Counts one more; true when it is one too many.</summary>
    public bool Add(PeerOrigin origin)
    {
        var key = BanList.KeyOf(origin.EndPoint.Address, origin.Id);
        lock (_gate)
        {
            if (_strikes.Count >= MaxEntries && !_strikes.ContainsKey(key))
            {
                Forget();
            }

            var count = _strikes.TryGetValue(key, out var known) && time.GetElapsedTime(known.At) < Memory ? known.Count + 1 : 1;
            _strikes[key] = (count, time.GetTimestamp());
            return count >= Most;
        }
    }

    private void Forget()
    {
        foreach (var (key, _) in _strikes.OrderBy(strike => strike.Value.At).Take(MaxEntries / 2).ToArray())
        {
            _strikes.Remove(key);
        }
    }
}
