using Pier.Content;
using Pier.Content.Contracts;
using Pier.Fetch.Delivery;

namespace Pier.Fetch.Status;

/// <summary>Remembers how the last blobs came, and counts bytes by source since the start; bounded.</summary>
internal sealed class FetchHistory
{
    private const int Most = 512;

    private readonly FetchTelemetry _telemetry;
    private readonly Lock _gate = new();
    private readonly LinkedList<BlobDelivery> _last = new();
    private readonly Dictionary<Digest, LinkedListNode<BlobDelivery>> _byDigest = [];
    private SourceBytes _total = SourceBytes.None;
    private long _sealed;
    private long _failed;
    private long _version;

    /// <summary>An empty history; ends of fetches are told to the instruments too.</summary>
    public FetchHistory(FetchTelemetry? telemetry = null) => _telemetry = telemetry ?? new FetchTelemetry();

    /// <summary>Grows with every change.</summary>
    public long Version
    {
        get
        {
            lock (_gate) { return _version; }
        }
    }

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
    public BlobDelivery? Find(Digest digest)
    {
        lock (_gate) { return _byDigest.GetValueOrDefault(digest)?.Value; }
    }

    /// <summary>Takes up what the last run knew; it counts in no total of this run.</summary>
    public void Restore(IEnumerable<BlobDelivery> deliveries)
    {
        lock (_gate)
        {
            foreach (var delivery in deliveries)
            {
                Put(delivery);
            }
        }
    }

    /// <summary>A fetch has ended.</summary>
    public void Add(BlobFetch fetch)
    {
        var delivery = BlobDelivery.Of(fetch);
        _telemetry.Ended(fetch.IsSealed, delivery.Sources, fetch.Age);
        lock (_gate)
        {
            var cached = _byDigest.GetValueOrDefault(delivery.Digest)?.Value.Sources.Cache ?? 0;
            Put(delivery with { Sources = delivery.Sources with { Cache = delivery.Sources.Cache + cached } });
            _total = _total.Add(delivery.Sources);
            _ = fetch.IsSealed ? _sealed++ : _failed++;
        }
    }

    /// <summary>A client asked for a blob.</summary>
    public void CountAsked(bool isHeld) => _telemetry.Asked(isHeld);

    /// <summary>A client was given bytes of a blob that the store held.</summary>
    /// <param name="blob">The blob and the repository it was asked for under.</param>
    /// <param name="size">Length of the blob.</param>
    /// <param name="bytes">What the client took of it.</param>
    /// <param name="now">When, for a blob of which nothing is remembered.</param>
    public void CountCached(BlobRequest blob, long size, long bytes, DateTimeOffset now)
    {
        lock (_gate)
        {
            var known = _byDigest.GetValueOrDefault(blob.Digest)?.Value ?? new BlobDelivery(
                blob.Digest, blob.Origin, size, size, FetchState.Sealed, SourceBytes.None, Rate: 0, [], Waiting: 0, now, Problem: null);
            Put(known with { Sources = known.Sources with { Cache = known.Sources.Cache + bytes } });
            _total = _total with { Cache = _total.Cache + bytes };
        }
    }

    /// <summary>Makes a delivery the newest; the oldest is forgotten when there are too many.</summary>
    private void Put(BlobDelivery delivery)
    {
        _version++;
        if (_byDigest.Remove(delivery.Digest, out var known))
        {
            _last.Remove(known);
        }
        _byDigest[delivery.Digest] = _last.AddLast(delivery);
        if (_last.Count > Most)
        {
            _byDigest.Remove(_last.First!.Value.Digest);
            _last.RemoveFirst();
        }
    }
}
