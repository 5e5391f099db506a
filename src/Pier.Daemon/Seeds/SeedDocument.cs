using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pier.Daemon.Seeds;

/// <summary>What is kept of a seed beside its torrent file.</summary>
/// <param name="Version">1.</param>
/// <param name="Path">The file or folder.</param>
/// <param name="Files">Its files as they were when they were hashed, in the torrent's order.</param>
/// <param name="SuperSeed">Whether it shows each peer a few pieces at a time (BEP 16).</param>
internal sealed record SeedDocument(int Version, string Path, IReadOnlyList<SeedFile> Files, bool SuperSeed = false);

/// <summary>A file as it was when it was hashed; when it still is, it need not be hashed again.</summary>
/// <param name="Path">Absolute path.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Modified">Time of its last change.</param>
internal sealed record SeedFile(string Path, long Size, DateTimeOffset Modified);

/// <summary>JSON of the seeds folder.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(SeedDocument))]
internal sealed partial class SeedJson : JsonSerializerContext;
