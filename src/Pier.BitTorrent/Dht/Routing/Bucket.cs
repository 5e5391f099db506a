using System.Net;

namespace Pier.BitTorrent.Dht.Routing;

/// <summary>Up to <see cref="Size"/> nodes of one part of the key space, and as many that wait for a place (BEP 5).</summary>
internal sealed class Bucket(long now)
{
    /// <summary>k of BEP 5.</summary>
    public const int Size = 8;

    /// <summary>Its nodes.</summary>
    public List<RoutingEntry> Entries { get; } = new(Size);

    /// <summary>Nodes that wait for a place; the newest last.</summary>
    public List<RoutingEntry> Waiting { get; } = [];

    /// <summary>When a node was last added or answered.</summary>
    public long ChangedAt { get; set; } = now;

    /// <summary>Whether all places are taken.</summary>
    public bool IsFull => Entries.Count >= Size;

    /// <summary>Adds to those that wait, at the cost of the one that has waited longest.</summary>
    public void Wait(RoutingEntry entry)
    {
        Waiting.RemoveAll(other => other.Contact.EndPoint.Equals(entry.Contact.EndPoint) || other.Contact.Id == entry.Contact.Id);
        if (Waiting.Count >= Size)
        {
            Waiting.RemoveAt(0);
        }

        Waiting.Add(entry);
    }

    /// <summary>The node at an address.</summary>
    public RoutingEntry? At(IPEndPoint endPoint) => Entries.Find(entry => entry.Contact.EndPoint.Equals(endPoint));

    /// <summary>The node that was silent for the longest.</summary>
    public RoutingEntry? Oldest => Entries.MinBy(entry => entry.LastSeen);
}
