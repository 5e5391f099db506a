using System.Text.Json.Serialization;

namespace Pier.Volumes.State;

/// <summary>A volume on disk.</summary>
/// <param name="Version">Of this document.</param>
/// <param name="Name">Its name.</param>
/// <param name="Created">When.</param>
/// <param name="Options">As they were given.</param>
/// <param name="Target">The folder on which it is mounted where that is not its own; null otherwise.</param>
/// <param name="Users">Who uses it: the ids that an engine mounts it for.</param>
internal sealed record VolumeDocument(
    int Version, string Name, DateTimeOffset Created, IReadOnlyDictionary<string, string> Options, string? Target, IReadOnlyList<string> Users)
{
    /// <summary>The version written.</summary>
    public const int Current = 1;
}

/// <summary>How the room's documents are written.</summary>
[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(VolumeDocument))]
[JsonSerializable(typeof(NumbersDocument))]
internal sealed partial class VolumeJson : JsonSerializerContext;
