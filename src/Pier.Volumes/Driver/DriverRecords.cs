using System.Text.Json.Serialization;

namespace Pier.Volumes.Driver;

/// <summary>Any request of the VolumeDriver protocol; each uses some of it.</summary>
/// <param name="Name">The volume.</param>
/// <param name="Id">Names one use of it.</param>
/// <param name="Opts">Options of <c>docker volume create -o</c>.</param>
internal sealed record DriverRequest(string? Name, [property: JsonPropertyName("ID")] string? Id, Dictionary<string, string>? Opts);

/// <summary>Any answer; an empty <c>Err</c> means that it is done.</summary>
internal sealed record DriverAnswer(
    string Err, string? Mountpoint = null, DriverVolume? Volume = null, IReadOnlyList<DriverVolume>? Volumes = null, DriverCapabilities? Capabilities = null);

/// <summary>What the plugin can do: the answer to the handshake.</summary>
internal sealed record DriverActivation(IReadOnlyList<string> Implements);

/// <summary>Whether volumes are the same on all hosts (global) or this host's own (local).</summary>
internal sealed record DriverCapabilities(string Scope);

/// <summary>One volume.</summary>
internal sealed record DriverVolume(string Name, string Mountpoint, string CreatedAt, DriverStatus? Status);

/// <summary>What <c>docker volume inspect</c> shows under <c>Status</c>.</summary>
/// <param name="Source">Where its content comes from; once that is known, which of its sources.</param>
/// <param name="State">opening, arriving, complete or failed.</param>
/// <param name="Size">Bytes of its content; null while nobody has told.</param>
/// <param name="PercentLocal">How much of it is on this host.</param>
/// <param name="Peers">Peers connected now.</param>
/// <param name="Users">Containers that it is mounted for.</param>
/// <param name="WaitingReads">Reads that wait for bytes.</param>
/// <param name="Failures">Why reads failed, or its content could not be had, newest last.</param>
internal sealed record DriverStatus(
    string Source, string State, long? Size, double? PercentLocal, int Peers, int Users, int WaitingReads, IReadOnlyList<string> Failures);

/// <summary>How the protocol writes them: names as they stand here, nulls left out.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DriverRequest))]
[JsonSerializable(typeof(DriverAnswer))]
[JsonSerializable(typeof(DriverActivation))]
internal sealed partial class DriverJson : JsonSerializerContext;
