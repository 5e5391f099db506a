using System.Net;
using Pier.BitTorrent.Peers;

namespace Pier.BitTorrent.Dht.Routing;

/// <summary>
/// The nodes that one knows (BEP 5): many near oneself, few far away. Bucket i holds those that share exactly i bits with us, the
/// last one all that share more; only that one is ever split. One node an address, so that nobody fills it from one machine.
/// </summary>
internal sealed class RoutingTable(NodeId own, TimeProvider time)
{
    private static readonly TimeSpan QuestionableAfter = TimeSpan.FromMinutes(15);
    private const int FailuresOfGone = 5;

    private readonly List<Bucket> _buckets = [new Bucket(time.GetTimestamp())];

    // Which addresses have a place; keeps sybils of one machine out.
    private readonly Dictionary<IPAddress, int> _addresses = [];

    /// <summary>Our id.</summary>
    public NodeId Own => own;

    /// <summary>Nodes with a place.</summary>
    public int Count => _buckets.Sum(bucket => bucket.Entries.Count);

    /// <summary>Parts of the key space that it tells apart: the nearest holds those who share as many bits with us, less one, or more.</summary>
    public int Depth => _buckets.Count;

    /// <summary>Nodes with a place, nearest to us last.</summary>
    public IEnumerable<RoutingEntry> Entries => _buckets.SelectMany(bucket => bucket.Entries);

    /// <summary>A node answered a query of ours.</summary>
    /// <returns>A node to ping, whose silence would make room; null when there is nothing to do.</returns>
    public NodeContact? Answered(NodeContact node)
    {
        if (node.Id == own)
        {
            return null;
        }

        var now = time.GetTimestamp();
        var bucket = BucketOf(node.Id);
        if (bucket.Entries.Find(entry => entry.Contact.Id == node.Id) is { } known)
        {
            if (!known.Contact.EndPoint.Equals(node.EndPoint))
            {
                // Another address claims the id: only when the old one is gone.
                return known.IsBad && Remove(bucket, known) ? Answered(node) : null;
            }

            known.LastSeen = bucket.ChangedAt = now;
            known.Failures = 0;
            return null;
        }

        if (Find(node.EndPoint) is { } other)
        {
            // It came back under another id.
            Remove(BucketOf(other.Contact.Id), other);
        }

        return IsCrowded(node.EndPoint.Address) ? null : Add(new RoutingEntry(node, now), now);
    }

    /// <summary>A node asked something; true when it has a place or there is room, so that a ping to a stranger is worth it.</summary>
    public bool Heard(NodeContact node)
    {
        var bucket = BucketOf(node.Id);
        if (bucket.At(node.EndPoint) is { } known)
        {
            // BEP 5: good is who has ever answered and was heard of within 15 minutes.
            if (known.Contact.Id == node.Id && !known.IsBad)
            {
                known.LastSeen = time.GetTimestamp();
            }

            return false;
        }

        return node.Id != own && (!bucket.IsFull || CanSplit(bucket) || bucket.Entries.Exists(entry => entry.IsBad)) && !IsCrowded(node.EndPoint.Address);
    }

    /// <summary>A node left a query without an answer.</summary>
    public void Failed(NodeContact node)
    {
        var bucket = BucketOf(node.Id);
        if (bucket.At(node.EndPoint) is not { } entry)
        {
            return;
        }

        entry.Failures++;
        if (entry.IsBad && TakeWaiting(bucket) is { } successor)
        {
            Remove(bucket, entry);
            Place(bucket, successor);
        }
        else if (entry.Failures >= FailuresOfGone)
        {
            Remove(bucket, entry);
        }
    }

    /// <summary>The nodes nearest to a point, nearest first; good ones, which others may be told of.</summary>
    public List<NodeContact> Closest(NodeId target, int count) => Closest(target, count, alsoBad: false);

    /// <summary>The nodes nearest to a point to ask ourselves: when few are good, others may have come back.</summary>
    public List<NodeContact> ToAsk(NodeId target, int count)
    {
        var good = Closest(target, count, alsoBad: false);
        return good.Count < Bucket.Size ? Closest(target, count, alsoBad: true) : good;
    }

    private List<NodeContact> Closest(NodeId target, int count, bool alsoBad)
    {
        List<NodeContact> nearest = new(count + 1);
        foreach (var bucket in _buckets)
        {
            foreach (var entry in bucket.Entries)
            {
                if (alsoBad || !entry.IsBad)
                {
                    Insert(nearest, entry.Contact, target, count);
                }
            }
        }

        return nearest;
    }

    /// <summary>Points whose neighbourhoods have not changed for 15 minutes and should be looked up (BEP 5).</summary>
    public IEnumerable<NodeId> StalePoints(Random random)
    {
        for (var i = 0; i < _buckets.Count; i++)
        {
            if (time.GetElapsedTime(_buckets[i].ChangedAt) >= QuestionableAfter)
            {
                // Asked once, a neighbourhood in which nobody lives is left alone for as long again.
                _buckets[i].ChangedAt = time.GetTimestamp();
                yield return own.Beside(Math.Min(i, NodeId.Bits - 1), random);
            }
        }
    }

    /// <summary>Whether other nodes of this address have the place that it may take; machines of our own may take many.</summary>
    private bool IsCrowded(IPAddress address) =>
        AddressScopes.Of(address) != AddressScope.Machine && _addresses.GetValueOrDefault(AddressScopes.NetworkOf(address)) > 0;

    private NodeContact? Add(RoutingEntry entry, long now)
    {
        while (true)
        {
            var bucket = BucketOf(entry.Contact.Id);
            if (!bucket.IsFull)
            {
                Place(bucket, entry);
                bucket.ChangedAt = now;
                return null;
            }

            var replaced = bucket.Entries.Find(other => other.IsBad) ?? (entry.IsSecure ? bucket.Entries.Find(other => !other.IsSecure) : null);
            if (replaced is not null)
            {
                Remove(bucket, replaced);
                continue;
            }

            if (!CanSplit(bucket))
            {
                bucket.Wait(entry);
                return bucket.Oldest is { } oldest && time.GetElapsedTime(oldest.LastSeen) >= QuestionableAfter ? oldest.Contact : null;
            }

            Split();
        }
    }

    private bool CanSplit(Bucket bucket) => bucket == _buckets[^1] && _buckets.Count < NodeId.Bits;

    private void Split()
    {
        var last = _buckets[^1];
        var depth = _buckets.Count;
        var next = new Bucket(last.ChangedAt);
        _buckets.Add(next);
        next.Entries.AddRange(last.Entries.Where(entry => own.SharedBits(entry.Contact.Id) >= depth));
        last.Entries.RemoveAll(next.Entries.Contains);
    }

    private Bucket BucketOf(NodeId id) => _buckets[Math.Min(own.SharedBits(id), _buckets.Count - 1)];

    private RoutingEntry? Find(IPEndPoint endPoint) =>
        _addresses.ContainsKey(AddressScopes.NetworkOf(endPoint.Address)) ? _buckets.Select(bucket => bucket.At(endPoint)).FirstOrDefault(entry => entry is not null) : null;

    private RoutingEntry? TakeWaiting(Bucket bucket)
    {
        while (bucket.Waiting is [.., var newest])
        {
            bucket.Waiting.RemoveAt(bucket.Waiting.Count - 1);
            if (!IsCrowded(newest.Contact.EndPoint.Address))
            {
                return newest;
            }
        }

        return null;
    }

    private void Place(Bucket bucket, RoutingEntry entry)
    {
        bucket.Entries.Add(entry);
        var network = AddressScopes.NetworkOf(entry.Contact.EndPoint.Address);
        _addresses[network] = _addresses.GetValueOrDefault(network) + 1;
    }

    private bool Remove(Bucket bucket, RoutingEntry entry)
    {
        var network = AddressScopes.NetworkOf(entry.Contact.EndPoint.Address);
        if (!bucket.Entries.Remove(entry))
        {
            return false;
        }

        if (--_addresses[network] == 0)
        {
            _addresses.Remove(network);
        }

        return true;
    }

    private static void Insert(List<NodeContact> nearest, NodeContact node, NodeId target, int count)
    {
        var at = nearest.Count;
        while (at > 0 && target.CompareDistances(node.Id, nearest[at - 1].Id) < 0)
        {
            at--;
        }

        if (at < count)
        {
            nearest.Insert(at, node);
            if (nearest.Count > count)
            {
                nearest.RemoveAt(count);
            }
        }
    }
}
