using System.Text.Json.Serialization;
using Pier.Membership.Joining;

namespace Pier.Membership.Wire;

/// <summary>JSON of the node port and of the files below <c>cluster/</c>; depth and unknown sizes are bounded by the readers.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    MaxDepth = 8)]
[JsonSerializable(typeof(Greeting))]
[JsonSerializable(typeof(JoinChallengeDocument))]
[JsonSerializable(typeof(JoinRequestDocument))]
[JsonSerializable(typeof(TurnRequestDocument))]
[JsonSerializable(typeof(TurnAnswerDocument))]
[JsonSerializable(typeof(HoldingDocument))]
[JsonSerializable(typeof(ProvisionalDocument))]
[JsonSerializable(typeof(TagDocument))]
[JsonSerializable(typeof(ClusterDocument))]
[JsonSerializable(typeof(MembersDocument))]
internal sealed partial class NodeJson : JsonSerializerContext;
