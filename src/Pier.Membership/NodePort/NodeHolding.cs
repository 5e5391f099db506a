using Pier.Membership.Client;

namespace Pier.Membership.NodePort;

/// <summary>What a node has of one blob.</summary>
/// <param name="State">Sealed or still arriving.</param>
/// <param name="Size">Length of the whole blob in bytes.</param>
/// <param name="InfoHashV1">Lower-case hex of the v1 info-hash of its blob torrent, or null while unknown.</param>
/// <param name="InfoHashV2">Lower-case hex of the v2 info-hash, or null while unknown.</param>
/// <param name="Readable">Bytes readable from the start without a gap; the size when sealed.</param>
public sealed record NodeHolding(HoldingState State, long Size, string? InfoHashV1, string? InfoHashV2, long Readable);
