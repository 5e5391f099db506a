using Pier.Content.Contracts;
using Pier.Content.References;

namespace Pier.Fetch.Delivery;

/// <summary>
/// Who asks for the blob of one fetch, and how urgently: what is asked of sources now, for whom that was alone, and the other
/// repositories under which clients asked for it, tried in turn when one refuses.
/// </summary>
internal sealed class FetchDemand(BlobRequest first)
{
    private const int MostOrigins = 8;

    private readonly Lock _gate = new();
    private readonly Queue<RepositoryName> _others = new();
    private volatile BlobRequest _request = first;
    private volatile Asker? _only = Asker.Of(first.Origin);
    private int _interested;
    private int _version;

    /// <summary>What is asked of sources now: the repository in use, and the size once known.</summary>
    public BlobRequest Request => _request;

    /// <summary>Clients, followers and commands that wait for bytes.</summary>
    public int Interested => Volatile.Read(ref _interested);

    /// <summary>True while no byte can have come but for whoever asks so.</summary>
    public bool IsFor(Asker asker) => _only == asker;

    /// <summary>Grows before bytes can come from where none came before: who was found to have a right to the blob is judged anew.</summary>
    public int Version => Volatile.Read(ref _version);

    /// <summary>Bytes are here, or come from now on, for somebody else.</summary>
    public void Mix()
    {
        _only = null;
        Renew();
    }

    /// <summary>A source has answered, and what its answer says of the blob is known; its bytes come next.</summary>
    public void Renew() => Interlocked.Increment(ref _version);

    /// <summary>
    /// One more waits: what is asked for is as urgent as the more urgent waits, and under its repository where none was named; else
    /// that waits for its turn, unless it does already or is one too many.
    /// </summary>
    public void Join(BlobRequest other)
    {
        Interlocked.Increment(ref _interested);
        lock (_gate)
        {
            _request = other.Priority > _request.Priority ? _request with { Priority = other.Priority } : _request;
            if (_request.Origin is null && other.Origin is not null)
            {
                Mix();
                _request = _request with { Origin = other.Origin };
            }
            else if (other.Origin is { } origin && origin != _request.Origin && _others.Count < MostOrigins && !_others.Contains(origin))
            {
                _others.Enqueue(origin);
            }
        }
    }

    /// <summary>One less waits; tells how many do.</summary>
    public int Leave() => Interlocked.Decrement(ref _interested);

    /// <summary>Goes on to the next repository that clients named; false when there is none.</summary>
    public bool TryNextOrigin()
    {
        lock (_gate)
        {
            if (!_others.TryDequeue(out var origin))
            {
                return false;
            }
            Mix();
            _request = _request with { Origin = origin };
            return true;
        }
    }

    /// <summary>The blob's length in bytes is known.</summary>
    public void SetSize(long size)
    {
        lock (_gate) { _request = _request with { Size = size }; }
    }
}
