namespace Pier.BitTorrent.Limits;

/// <summary>What may pass; null is without limit.</summary>
/// <param name="Down">Bytes of blocks per second from peers.</param>
/// <param name="Up">Bytes of blocks per second to peers.</param>
/// <param name="Connections">Connections at once.</param>
public sealed record TransferLimits(long? Down = null, long? Up = null, int? Connections = null)
{
    /// <summary>Without any limit.</summary>
    public static TransferLimits None { get; } = new();
}
