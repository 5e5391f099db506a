using System.Text.Json.Serialization;

namespace Pier.Registry.Access;

/// <summary>The header of a token (RFC 7519 §5).</summary>
internal sealed record TokenHeader(
    [property: JsonPropertyName("typ")] string Type,
    [property: JsonPropertyName("alg")] string Algorithm,
    [property: JsonPropertyName("x5c")] IReadOnlyList<string> Certificates);

/// <summary>The claims of a token (distribution token specification, "JWT claim set").</summary>
internal sealed record TokenClaims(
    [property: JsonPropertyName("iss")] string? Issuer,
    [property: JsonPropertyName("sub")] string? Subject,
    [property: JsonPropertyName("aud")] string? Audience,
    [property: JsonPropertyName("exp")] long Expires,
    [property: JsonPropertyName("nbf")] long NotBefore,
    [property: JsonPropertyName("iat")] long IssuedAt,
    [property: JsonPropertyName("jti")] string? Id,
    [property: JsonPropertyName("access")] IReadOnlyList<TokenAccess>? Access);

/// <summary>What a token lets do with one repository.</summary>
internal sealed record TokenAccess(
    [property: JsonPropertyName("type")] string? Type,
    [property: JsonPropertyName("name")] string? Name,
    [property: JsonPropertyName("actions")] IReadOnlyList<string>? Actions);

/// <summary>The answer of the token service (distribution token specification, "Token response fields").</summary>
internal sealed record TokenAnswer(
    [property: JsonPropertyName("token")] string Token,
    [property: JsonPropertyName("access_token")] string AccessToken,
    [property: JsonPropertyName("expires_in")] int ExpiresIn,
    [property: JsonPropertyName("issued_at")] string IssuedAt);

/// <summary>Source-generated JSON of tokens; depth is bounded.</summary>
[JsonSourceGenerationOptions(MaxDepth = 8)]
[JsonSerializable(typeof(TokenHeader))]
[JsonSerializable(typeof(TokenClaims))]
[JsonSerializable(typeof(TokenAnswer))]
internal sealed partial class TokenJson : JsonSerializerContext;
