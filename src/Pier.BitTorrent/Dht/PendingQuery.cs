using System.Net;

namespace Pier.BitTorrent.Dht;

/// <summary>A query on its way.</summary>
/// <param name="Transaction">Our name for it.</param>
/// <param name="To">Who was asked.</param>
/// <param name="Expected">Under which id it is known; null when only its address is.</param>
/// <param name="SentAt">When.</param>
/// <param name="Owner">Who wants to know; null when only the routing table does.</param>
internal sealed record PendingQuery(uint Transaction, IPEndPoint To, NodeId? Expected, long SentAt, IQueryOwner? Owner)
{
    /// <summary>The owner has been told that it takes long.</summary>
    public bool IsLate { get; set; }
}
