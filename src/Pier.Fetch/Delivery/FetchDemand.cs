using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Distribution.Credentials;

namespace Pier.Fetch.Delivery;

/// <summary>
/// Who asks for the blob of one fetch, and how urgently: what is asked of sources now and in whose name, for whom that was alone, and
/// the others who ask, under another repository or with another login, whose turn comes when an upstream refuses.
/// </summary>
internal sealed class FetchDemand
{
    private const int MostOthers = 8;

    private readonly Lock _gate = new();
    private readonly Queue<(RepositoryName Origin, CallerLogin? Login)> _others = new();
    private readonly HashSet<Asker> _waiting = [];
    private readonly Dictionary<Asker, ContentException?> _asked = [];
    private volatile FetchErrand _errand;
    private volatile Asker? _only;
    private int _interested;
    private int _version;

    /// <summary>The demand of whoever asks now, and begins the fetch.</summary>
    public FetchDemand(BlobRequest first)
    {
        var asker = Asker.Of(first.Origin);
        _errand = new FetchErrand(first, LoginFor(first.Origin));
        _only = asker;
        _asked[asker] = null;
    }

    /// <summary>What is asked of sources now: the repository and login in use, and the size once known.</summary>
    public FetchErrand Errand => _errand;

    /// <summary>Clients, followers and commands that wait for bytes.</summary>
    public int Interested => Volatile.Read(ref _interested);

    /// <summary>Grows before bytes can come from where none came before: who was found to have a right to the blob is judged anew.</summary>
    public int Version => Volatile.Read(ref _version);

    /// <summary>True while no byte can have come but for whoever asks so.</summary>
    public bool IsFor(Asker asker) => _only == asker;

    /// <summary>True when the upstream was asked in that name, or could not be, as no repository was named.</summary>
    public bool WasAsked(Asker asker)
    {
        lock (_gate) { return asker.Repository is null || _asked.ContainsKey(asker); }
    }

    /// <summary>What the upstream last failed with when it was asked in that name, where it was asked in several; null for nothing.</summary>
    public ContentException? RefusalTo(Asker asker)
    {
        lock (_gate) { return _asked.Count > 1 ? _asked.GetValueOrDefault(asker) : null; }
    }

    /// <summary>The upstream failed whoever's turn it is.</summary>
    public void Fail(ContentException? cause)
    {
        lock (_gate) { _asked[new Asker(_errand.Request.Origin, _errand.Login?.Mark)] = cause; }
    }

    /// <summary>Bytes are here, or come from now on, for somebody else.</summary>
    public void Mix()
    {
        _only = null;
        Renew();
    }

    /// <summary>A source has answered, and what its answer says of the blob is known; its bytes come next.</summary>
    public void Renew() => Interlocked.Increment(ref _version);

    /// <summary>
    /// One more waits: what is asked for is as urgent as the more urgent waits, and in its name where no repository was named; else it
    /// waits for its turn, unless one like it does already or there are too many.
    /// </summary>
    public void Join(BlobRequest other)
    {
        Interlocked.Increment(ref _interested);
        lock (_gate)
        {
            Hurry(other.Priority);
            if (other.Origin is not { } origin)
            {
                return;
            }
            var asker = Asker.Of(origin);
            if (_errand.Request.Origin is null)
            {
                Begin(asker, origin, LoginFor(origin));
            }
            else if (!_asked.ContainsKey(asker) && _asked.Count + _others.Count <= MostOthers && _waiting.Add(asker))
            {
                _others.Enqueue((origin, LoginFor(origin)));
            }
        }
    }

    /// <summary>One more waits and takes what comes: nothing is asked in its name.</summary>
    public void Follow(FetchPriority priority)
    {
        Interlocked.Increment(ref _interested);
        lock (_gate) { Hurry(priority); }
    }

    /// <summary>Somebody waits elsewhere for what comes here.</summary>
    public void Press(FetchPriority priority)
    {
        lock (_gate) { Hurry(priority); }
    }

    /// <summary>One less waits; tells how many do.</summary>
    public int Leave() => Interlocked.Decrement(ref _interested);

    /// <summary>Goes on to the next that asks; false when there is none.</summary>
    public bool TryNext()
    {
        lock (_gate)
        {
            if (!_others.TryDequeue(out var next))
            {
                return false;
            }
            var asker = new Asker(next.Origin, next.Login?.Mark);
            _waiting.Remove(asker);
            Begin(asker, next.Origin, next.Login);
            return true;
        }
    }

    /// <summary>The blob's length in bytes is known.</summary>
    public void SetSize(long size)
    {
        lock (_gate) { _errand = _errand with { Request = _errand.Request with { Size = size } }; }
    }

    private static CallerLogin? LoginFor(RepositoryName? origin) => origin is null ? null : CallerLogin.For(origin);

    private void Begin(Asker asker, RepositoryName origin, CallerLogin? login)
    {
        Mix();
        _asked[asker] = null;
        _errand = new FetchErrand(_errand.Request with { Origin = origin }, login);
    }

    private void Hurry(FetchPriority priority)
    {
        if (priority > _errand.Request.Priority)
        {
            _errand = _errand with { Request = _errand.Request with { Priority = priority } };
        }
    }
}
