using Pier.BitTorrent.Dht.Krpc;

namespace Pier.BitTorrent.Dht;

/// <summary>Who asked, and hears exactly once what became of it.</summary>
internal interface IQueryOwner
{
    /// <summary>The node answered, under its own id.</summary>
    void Answered(PendingQuery query, NodeContact node, KrpcMessage answer);

    /// <summary>No answer will come: an error, nonsense, or nothing for too long.</summary>
    void Failed(PendingQuery query);

    /// <summary>The answer is late; another may be asked meanwhile. Comes before one of the others, or not at all.</summary>
    void IsLate(PendingQuery query);
}
