namespace Pier.Volumes.Whole;

/// <summary>
/// The torrents that are known and not open, because nobody could tell of them: which are looked for again, and which nobody
/// has asked for for so long that they are forgotten. Under the lock of its owner.
/// </summary>
internal sealed class AbsentTorrents(TimeProvider time, TimeSpan forgetAfter)
{
    private readonly Dictionary<string, Absence> _absent = new(StringComparer.Ordinal);

    /// <summary>Somebody asks for a torrent, absent or not.</summary>
    public void Asked(string name)
    {
        if (_absent.TryGetValue(name, out var absence))
        {
            absence.LastUse = time.GetTimestamp();
        }
    }

    /// <summary>Looks through those that are absent now; whichever is not named is absent no more.</summary>
    /// <param name="names">They, those among them that are being looked for.</param>
    /// <param name="most">How many may be looked for again.</param>
    /// <returns>Those to look for again, which were looked for longest ago; and those to forget.</returns>
    public (IReadOnlyList<string> Again, IReadOnlyList<string> Over) Review(IReadOnlySet<string> names, int most)
    {
        foreach (var back in _absent.Keys.Where(name => !names.Contains(name)).ToArray())
        {
            _absent.Remove(back);
        }

        var now = time.GetTimestamp();
        foreach (var name in names)
        {
            _absent.TryAdd(name, new Absence { LastUse = now, LastTry = now });
        }

        var over = _absent.Where(entry => time.GetElapsedTime(entry.Value.LastUse, now) >= forgetAfter).Select(entry => entry.Key).ToHashSet(StringComparer.Ordinal);
        var again = _absent.Where(entry => !over.Contains(entry.Key)).OrderBy(entry => entry.Value.LastTry).Take(most).ToArray();
        foreach (var (_, absence) in again)
        {
            absence.LastTry = now;
        }

        return ([.. again.Select(entry => entry.Key)], [.. over]);
    }

    private sealed class Absence
    {
        public long LastUse { get; set; }

        public long LastTry { get; set; }
    }
}
