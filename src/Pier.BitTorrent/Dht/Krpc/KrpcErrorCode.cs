namespace Pier.BitTorrent.Dht.Krpc;

/// <summary>Error codes of BEP 5.</summary>
internal static class KrpcErrorCode
{
    /// <summary>Something that no other code says.</summary>
    public const int Generic = 201;

    /// <summary>A malformed message, wrong arguments, a bad token.</summary>
    public const int Protocol = 203;

    /// <summary>The method is not known.</summary>
    public const int UnknownMethod = 204;
}
