using Pier.Api.Nodes;

namespace Pier.Api.Blobs;

/// <summary>One sealed blob.</summary>
/// <param name="Digest">Its name.</param>
/// <param name="Size">Bytes.</param>
/// <param name="LastUsed">When it was last opened, to the minute.</param>
/// <param name="Pinned">True when no eviction may take it.</param>
/// <param name="Magnet">Magnet link of its blob torrent, or null while it has none.</param>
/// <param name="Sources">Where its bytes came from, when that was since the daemon started.</param>
/// <param name="V1Magnet">The same blob for clients that cannot read hybrids (aria2, Transmission 3), while it is being seeded.</param>
public sealed record BlobSummary(
    string Digest, long Size, DateTimeOffset LastUsed, bool Pinned, string? Magnet, SourceBytes? Sources, string? V1Magnet = null);

/// <summary>Every sealed blob.</summary>
/// <param name="Blobs">In order of their digests.</param>
public sealed record BlobList(IReadOnlyList<BlobSummary> Blobs);

/// <summary>What a pin or its removal touched.</summary>
/// <param name="Name">What was named.</param>
/// <param name="Blobs">Number of blobs below it that changed.</param>
/// <param name="Pinned">The state they are in now.</param>
public sealed record PinAnswer(string Name, int Blobs, bool Pinned);
