using System.Text.Json.Serialization;
using Pier.Distribution.Authentication;

namespace Pier.Distribution.Credentials;

/// <summary>Source-generated JSON of everything that holds secrets, kept apart from the wire types that others see.</summary>
[JsonSourceGenerationOptions(MaxDepth = 32)]
[JsonSerializable(typeof(TokenAnswer))]
[JsonSerializable(typeof(DockerConfig))]
[JsonSerializable(typeof(HelperAnswer))]
internal sealed partial class CredentialJson : JsonSerializerContext;
