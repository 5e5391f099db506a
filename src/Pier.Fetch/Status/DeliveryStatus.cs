using Pier.Content;
using Pier.Fetch.Delivery;

namespace Pier.Fetch.Status;

/// <summary>What <c>pier status</c> and the metrics show of delivery; every answer is an immutable snapshot.</summary>
public sealed class DeliveryStatus
{
    private readonly FetchTable _table;
    private readonly FetchHistory _history;

    internal DeliveryStatus(FetchTable table, FetchHistory history)
    {
        _table = table;
        _history = history;
    }

    /// <summary>Blobs that are arriving now, in order of their beginning.</summary>
    public IReadOnlyList<BlobDelivery> Running => [.. _table.Running.Select(BlobDelivery.Of).OrderBy(delivery => delivery.StartedAt)];

    /// <summary>Blobs that came, or failed to, a short while ago, oldest first; at most 512.</summary>
    public IReadOnlyList<BlobDelivery> Recent => _history.Last;

    /// <summary>Bytes by source since the start, those of running fetches included.</summary>
    public SourceBytes Total => Running.Aggregate(_history.Total, (sum, delivery) => sum.Add(delivery.Sources));

    /// <summary>Fetches that ended with a sealed blob, and those that failed, since the start.</summary>
    public (long Sealed, long Failed) Ends => _history.Ends;

    /// <summary>How a blob comes, or came when that was not long ago; null otherwise.</summary>
    public BlobDelivery? Find(Digest digest) =>
        _table.Find(digest) is { } fetch ? BlobDelivery.Of(fetch) : _history.Find(digest);
}
