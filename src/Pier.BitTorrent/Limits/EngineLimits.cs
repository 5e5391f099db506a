namespace Pier.BitTorrent.Limits;

/// <summary>The limits of an engine. Each holds by itself: bytes to a far peer count for all, for the far ones, and for their torrent.</summary>
public sealed record EngineLimits
{
    /// <summary>No limits.</summary>
    public static EngineLimits None { get; } = new();

    /// <summary>Everything together.</summary>
    public TransferLimits All { get; init; } = TransferLimits.None;

    /// <summary>Peers on this host.</summary>
    public TransferLimits SameHost { get; init; } = TransferLimits.None;

    /// <summary>Members of the cluster.</summary>
    public TransferLimits Cluster { get; init; } = TransferLimits.None;

    /// <summary>Peers in a network that this host has an address in.</summary>
    public TransferLimits SameSubnet { get; init; } = TransferLimits.None;

    /// <summary>All other peers.</summary>
    public TransferLimits World { get; init; } = TransferLimits.None;

    /// <summary>Each torrent that has no limits of its own.</summary>
    public TransferLimits Torrent { get; init; } = TransferLimits.None;

    /// <summary>The limits of a class.</summary>
    public TransferLimits Of(PeerClass peers) => peers switch
    {
        PeerClass.SameHost => SameHost,
        PeerClass.Cluster => Cluster,
        PeerClass.SameSubnet => SameSubnet,
        _ => World,
    };
}
