using Pier.Content;

namespace Pier.Fetch.Ladder;

/// <summary>Sources that told a wrong digest, left out for that digest for some time (design §3.7). Bounded; the oldest go first.</summary>
internal sealed class SourceBans(FetchOptions options, TimeProvider time)
{
    private const int Most = 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<(Digest, string), DateTimeOffset> _until = [];

    /// <summary>Leaves a source out for a digest from now on.</summary>
    public void Add(Digest digest, string source)
    {
        lock (_gate)
        {
            if (_until.Count >= Most)
            {
                _until.Remove(_until.MinBy(ban => ban.Value).Key);
            }
            _until[(digest, source)] = time.GetUtcNow() + options.BanTime;
        }
    }

    /// <summary>True while the source is left out.</summary>
    public bool Has(Digest digest, string source)
    {
        lock (_gate)
        {
            if (!_until.TryGetValue((digest, source), out var until))
            {
                return false;
            }
            if (until > time.GetUtcNow())
            {
                return true;
            }
            _until.Remove((digest, source));
            return false;
        }
    }
}
