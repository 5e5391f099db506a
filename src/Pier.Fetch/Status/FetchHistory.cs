using Pier.Content;
using Pier.Fetch.Delivery;

namespace Pier.Fetch.Status;

/// <summary>Remembers how the last blobs came, and counts bytes by source since the start; bounded.</summary>
internal sealed class FetchHistory
{
    private const int Most = 512;

    private readonly Lock _gate = new();
    private readonly Queue<BlobDelivery> _last = new();
    private SourceBytes _total = SourceBytes.None;
    private long _sealed;
    private long _failed;

    /// <summary>The deliveries that ended last, oldest first.</summary>
    public IReadOnlyList<BlobDelivery> Last
    {
        get
        {
            lock (_gate) { return [.. _last]; }
        }
    }

    /// <summary>Bytes of ended fetches by source since the start.</summary>
    public SourceBytes Total
    {
        get
        {
            lock (_gate) { return _total; }
        }
    }

    /// <summary>Fetches that ended with a sealed blob, and those that failed.</summary>
    public (long Sealed, long Failed) Ends
    {
        get
        {
            lock (_gate) { return (_sealed, _failed); }
        }
    }

    /// <summary>How a blob came, when that was not long ago; null otherwise.</summary>
    public BlobDelivery? Find(Digest digest) => Last.LastOrDefault(delivery => delivery.Digest == digest);

    /// <summary>A fetch has ended.</summary>
    public void Add(BlobFetch fetch)
    {
        var delivery = BlobDelivery.Of(fetch);
        lock (_gate)
        {
            _last.Enqueue(delivery);
            if (_last.Count > Most)
            {
                _last.Dequeue();
            }
            _total = _total.Add(delivery.Sources);
            _ = fetch.IsSealed ? _sealed++ : _failed++;
        }
    }

    /// <summary>A client was served from the store.</summary>
    public void CountCached(long bytes)
    {
        lock (_gate) { _total = _total with { Cache = _total.Cache + bytes }; }
    }
}
