namespace Pier.Api.Seeds;

/// <summary>Asks the daemon to seed a file or folder that it can read, where it lies.</summary>
/// <param name="Path">Absolute path on the daemon's host.</param>
/// <param name="Name">Name inside the torrent; null is the path's last segment.</param>
/// <param name="Format">v1, v2 or hybrid.</param>
/// <param name="PieceLength">Bytes, a power of two of at least 16 KiB; null chooses by size.</param>
/// <param name="Trackers">Announce URLs, tried in this order; may be empty.</param>
/// <param name="Private">BEP 27: only these trackers, no other way to find peers.</param>
/// <param name="Comment">Free text in the torrent file, or null.</param>
/// <param name="PadFiles">Whether padding brings the files of a v1 torrent to piece boundaries (BEP 47); hybrids always have it.</param>
/// <param name="WebSeeds">Web servers that have the same bytes (BEP 19), for the torrent file and the link; may be empty.</param>
/// <param name="SuperSeed">BEP 16: shows each peer a few pieces at a time, until others have them all.</param>
public sealed record SeedRequest(
    string Path,
    string? Name = null,
    string Format = "hybrid",
    int? PieceLength = null,
    IReadOnlyList<string>? Trackers = null,
    bool Private = false,
    string? Comment = null,
    bool PadFiles = false,
    IReadOnlyList<string>? WebSeeds = null,
    bool SuperSeed = false);

/// <summary>A file or folder that this node seeds until told otherwise.</summary>
/// <param name="InfoHash">40 hex digits.</param>
/// <param name="Name">Name inside the torrent.</param>
/// <param name="Path">Where it lies.</param>
/// <param name="Size">Bytes of content.</param>
/// <param name="Files">Number of files.</param>
/// <param name="Magnet">The link for clients that know BEP 52, and those of v1 where the torrent is v1.</param>
/// <param name="Problem">Why it is not being seeded at the moment, or null.</param>
/// <param name="V1Magnet">The same files for clients that cannot read hybrids (aria2, Transmission 3); null where the torrent is no hybrid.</param>
/// <param name="SuperSeed">Whether it shows each peer a few pieces at a time (BEP 16).</param>
public sealed record SeedSummary(
    string InfoHash, string Name, string Path, long Size, int Files, string Magnet, string? Problem = null, string? V1Magnet = null,
    bool SuperSeed = false);

/// <summary>Everything that is seeded by request.</summary>
/// <param name="Seeds">In order of their names.</param>
public sealed record SeedList(IReadOnlyList<SeedSummary> Seeds);
