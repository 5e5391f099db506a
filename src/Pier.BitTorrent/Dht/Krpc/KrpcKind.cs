namespace Pier.BitTorrent.Dht.Krpc;

/// <summary>What a message is (BEP 5, key <c>y</c>).</summary>
internal enum KrpcKind
{
    /// <summary><c>q</c></summary>
    Query,

    /// <summary><c>r</c></summary>
    Answer,

    /// <summary><c>e</c></summary>
    Error,
}
