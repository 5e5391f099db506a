using System.Net;

namespace Pier.BitTorrent.Dht.Lookups;

/// <summary>What a lookup needs of its node.</summary>
internal interface ILookupDriver
{
    /// <summary>Asks a node for the lookup; false when that cannot be done.</summary>
    bool Ask(Lookup lookup, NodeContact node);

    /// <summary>Nodes of the other address family were told on the way.</summary>
    void OthersTold(IPEndPoint teller, NodeContact node);
}
