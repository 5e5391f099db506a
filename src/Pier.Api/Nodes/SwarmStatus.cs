namespace Pier.Api.Nodes;

/// <summary>One torrent this node takes part in.</summary>
/// <param name="InfoHash">40 hex digits (v1, or the first 20 bytes of the v2 hash).</param>
/// <param name="Name">The torrent's name; for a blob torrent the digest's hex digits.</param>
/// <param name="State">metadata, opening, downloading, seeding, finished (its seeding goal is reached), failed or stopped.</param>
/// <param name="Size">Bytes of content; 0 until the metadata is known.</param>
/// <param name="Have">Bytes held and proved.</param>
/// <param name="Peers">Connected peers.</param>
/// <param name="Seeds">Connected peers that have everything.</param>
/// <param name="DownloadRate">Bytes per second.</param>
/// <param name="UploadRate">Bytes per second.</param>
/// <param name="Downloaded">Content bytes received since the start.</param>
/// <param name="Uploaded">Content bytes sent since the start.</param>
/// <param name="Containers">The running containers on whose behalf it is seeded; null when there are none.</param>
/// <param name="Problem">Why it failed, or null.</param>
public sealed record SwarmStatus(
    string InfoHash,
    string Name,
    string State,
    long Size,
    long Have,
    int Peers,
    int Seeds,
    long DownloadRate,
    long UploadRate,
    long Downloaded,
    long Uploaded,
    IReadOnlyList<string>? Containers = null,
    string? Problem = null);
