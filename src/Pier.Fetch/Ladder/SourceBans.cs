using Pier.Content;
using Pier.Content.Contracts;

namespace Pier.Fetch.Ladder;

/// <summary>Sources that told a wrong digest, left out for that digest for some time (design §3.7). Bounded; the oldest go first.</summary>
internal sealed class SourceBans(FetchOptions options, TimeProvider time)
{
    private const int Most = 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<(Digest, string), DateTimeOffset> _until = [];

    /// <summary>
    /// Leaves out those that delivered a false blob, with whoever vouched for them. Strangers are blamed before peers that
    /// members vouch for, and peers before the upstream, whose word is the better one.
    /// </summary>
    public void Blame(Digest digest, IReadOnlyCollection<Candidate> contributors)
    {
        var least = contributors.Select(Weight).DefaultIfEmpty().Min();
        foreach (var blamed in contributors.Where(contributor => Weight(contributor) == least))
        {
            Add(digest, blamed.Name);
            foreach (var teller in blamed.Tellers)
            {
                Add(digest, teller);
            }
        }
    }

    private static int Weight(Candidate contributor) => contributor switch
    {
        { Trust: SourceTrust.AfterSeal } => 0,
        { Source.Kind: not SourceKind.Upstream } => 1,
        _ => 2,
    };

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
