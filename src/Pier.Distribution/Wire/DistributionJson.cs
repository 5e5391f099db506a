using System.Text.Json.Serialization;

namespace Pier.Distribution.Wire;

/// <summary>Source-generated JSON of the protocol, shared by client and server; depth is bounded.</summary>
[JsonSourceGenerationOptions(MaxDepth = 16, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ErrorDocument))]
[JsonSerializable(typeof(TagList))]
[JsonSerializable(typeof(RepositoryList))]
public sealed partial class DistributionJson : JsonSerializerContext;
