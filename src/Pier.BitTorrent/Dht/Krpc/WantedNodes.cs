namespace Pier.BitTorrent.Dht.Krpc;

/// <summary>Of which address families a query wants nodes (BEP 32, key <c>want</c>).</summary>
[Flags]
internal enum WantedNodes
{
    /// <summary>Not said: the family over which the query came.</summary>
    Unsaid = 0,

    /// <summary><c>n4</c></summary>
    V4 = 1,

    /// <summary><c>n6</c></summary>
    V6 = 2,
}
