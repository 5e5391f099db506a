using Pier.Content;

namespace Pier.Store.Swarms;

/// <summary>The names of one blob tied together (design §4); opaque to what BitTorrent makes of them.</summary>
/// <param name="Digest">The blob's SHA-256 name.</param>
/// <param name="Size">Length in bytes.</param>
/// <param name="V1">BitTorrent v1 info-hash as 40 lower-case hex digits.</param>
/// <param name="V2">BitTorrent v2 info-hash as 64 lower-case hex digits.</param>
/// <param name="Twin">Info-hash of the v1 torrent with the same pieces, likewise; null in records of older versions.</param>
public sealed record SwarmRecord(Digest Digest, long Size, string V1, string V2, string? Twin = null);

/// <summary>A swarm record on disk.</summary>
internal sealed record SwarmDocument(int Version, string Digest, long Size, string V1, string V2, string? Twin = null);
