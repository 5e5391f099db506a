namespace Pier.BitTorrent.Dht.Routing;

/// <summary>A node of the routing table and how it has behaved.</summary>
internal sealed class RoutingEntry(NodeContact contact, long lastSeen)
{
    private const int FailuresOfBad = 2;

    /// <summary>The node.</summary>
    public NodeContact Contact => contact;

    /// <summary>Whether its id follows from its address (BEP 42).</summary>
    public bool IsSecure { get; } = SecureNodeId.IsValid(contact.Id, contact.EndPoint.Address);

    /// <summary>When it last answered, or asked something after it had answered once.</summary>
    public long LastSeen { get; set; } = lastSeen;

    /// <summary>Queries in a row that it left without an answer.</summary>
    public int Failures { get; set; }

    /// <summary>It may be replaced at once (BEP 5: several queries in a row without an answer).</summary>
    public bool IsBad => Failures >= FailuresOfBad;
}
