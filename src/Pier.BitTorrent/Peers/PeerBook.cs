using System.Net;

namespace Pier.BitTorrent.Peers;

/// <summary>
/// The addresses where peers of one torrent may be: which are due to be tried, and how long to leave the others alone. Owned by
/// the swarm's loop.
/// </summary>
/// <param name="maxEntries">Addresses remembered.</param>
/// <param name="time">The clock.</param>
internal sealed class PeerBook(int maxEntries, TimeProvider time)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(10);
    private const int MaxFailures = 12;

    private readonly Dictionary<IPEndPoint, Entry> _entries = [];

    /// <summary>Addresses remembered.</summary>
    public int Count => _entries.Count;

    /// <summary>Addresses to which a connection is being made.</summary>
    public int Dialling { get; private set; }

    /// <summary>Notes an address; false when it was known, cannot be a peer's, or there is no room.</summary>
    public bool Add(IPEndPoint endPoint, PeerSource source)
    {
        if (endPoint.Port == 0 || endPoint.Address.Equals(IPAddress.Any) || endPoint.Address.Equals(IPAddress.IPv6Any)
            || endPoint.Address.IsIPv6Multicast || _entries.ContainsKey(endPoint))
        {
            return false;
        }

        if (_entries.Count >= maxEntries && !TryMakeRoom(source))
        {
            return false;
        }

        _entries.Add(endPoint, new Entry { Source = source });
        return true;
    }

    /// <summary>Addresses remembered, by how they were learned.</summary>
    public IReadOnlyDictionary<PeerSource, int> CountSources() =>
        _entries.Values.GroupBy(entry => entry.Source).ToDictionary(group => group.Key, group => group.Count());

    /// <summary>How an address was learned; null when it is not known.</summary>
    public PeerSource? SourceOf(IPEndPoint endPoint) => _entries.GetValueOrDefault(endPoint)?.Source;

    /// <summary>Takes an address that is due, marking it as in use; null when none is.</summary>
    /// <param name="seeding">We have everything, so that others who do are of no use to us, nor we to them.</param>
    /// <param name="rank">Which is to be preferred, when not all can be tried; null takes the one known longest.</param>
    public IPEndPoint? TakeDue(bool seeding, Func<IPEndPoint, uint>? rank = null)
    {
        var now = time.GetTimestamp();
        var due = _entries.Where(known => known.Value.IsDue(now, seeding));
        var chosen = rank is null ? due.FirstOrDefault() : due.DefaultIfEmpty().MaxBy(known => known.Key is null ? 0 : rank(known.Key));
        if (chosen.Key is null)
        {
            return null;
        }

        chosen.Value.InUse = chosen.Value.IsDialling = true;
        Dialling++;
        return chosen.Key;
    }

    /// <summary>An address is connected from another port: nothing to try.</summary>
    public void Take(IPEndPoint endPoint) => _entries[endPoint].InUse = true;

    /// <summary>An address that was taken could not be tried for lack of room.</summary>
    public void PutBack(IPEndPoint endPoint)
    {
        Dialled(endPoint);
        _entries[endPoint].InUse = false;
    }

    /// <summary>The connection to an address has been made, or will not be.</summary>
    public void Dialled(IPEndPoint endPoint)
    {
        if (_entries.TryGetValue(endPoint, out var entry) && entry.IsDialling)
        {
            entry.IsDialling = false;
            Dialling--;
        }
    }

    /// <summary>A connection to an address failed or ended in failure: leave it alone, longer each time.</summary>
    public void Failed(IPEndPoint endPoint)
    {
        Dialled(endPoint);
        if (_entries.TryGetValue(endPoint, out var entry))
        {
            entry.Failures = Math.Min(entry.Failures + 1, MaxFailures);
            var pause = FirstPause * (1 << (entry.Failures - 1));
            Rest(entry, pause < LongestPause ? pause : LongestPause);
        }
    }

    /// <summary>A connection that had worked ended.</summary>
    public void Ended(IPEndPoint endPoint, bool isSeed)
    {
        if (_entries.TryGetValue(endPoint, out var entry))
        {
            entry.IsSeed = isSeed;
            entry.Failures = 0;
            Rest(entry, FirstPause);
        }
    }

    /// <summary>An address that is never to be tried again: ourselves, or banned.</summary>
    public void Bury(IPEndPoint endPoint)
    {
        Dialled(endPoint);
        if (!_entries.TryGetValue(endPoint, out var entry))
        {
            entry = _entries[endPoint] = new Entry();
        }

        entry.IsDead = true;
        entry.InUse = false;
    }

    private void Rest(Entry entry, TimeSpan pause)
    {
        entry.InUse = false;
        entry.NotBefore = time.GetTimestamp() + (long)(pause.TotalSeconds * time.TimestampFrequency);
    }

    private bool TryMakeRoom(PeerSource source) =>
        TryForget(entry => entry.Failures >= 3) || (!IsHearsay(source) && TryForget(entry => IsHearsay(entry.Source)));

    private bool TryForget(Func<Entry, bool> which)
    {
        foreach (var (endPoint, entry) in _entries)
        {
            if (!entry.InUse && !entry.IsDead && which(entry))
            {
                return _entries.Remove(endPoint);
            }
        }

        return false;
    }

    // Strangers can name addresses without end: they must not keep out whom a tracker or the user names.
    private static bool IsHearsay(PeerSource source) => source is PeerSource.Dht or PeerSource.Exchange or PeerSource.Local;

    private sealed class Entry
    {
        public bool InUse { get; set; }

        public bool IsDialling { get; set; }

        public bool IsDead { get; set; }

        public bool IsSeed { get; set; }

        public int Failures { get; set; }

        public long? NotBefore { get; set; }

        public PeerSource Source { get; init; }

        public bool IsDue(long now, bool seeding) =>
            !InUse && !IsDead && !(seeding && IsSeed) && (NotBefore is not { } due || now >= due);
    }
}
