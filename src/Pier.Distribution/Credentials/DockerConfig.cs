using System.Text.Json.Serialization;

namespace Pier.Distribution.Credentials;

/// <summary>What matters here of Docker's <c>config.json</c> (docs.docker.com, "docker login", credential stores and helpers).</summary>
/// <param name="Auths">Stored credentials by server address.</param>
/// <param name="CredHelpers">Helper name by registry.</param>
/// <param name="CredsStore">Helper name for the rest, or null.</param>
internal sealed record DockerConfig(
    [property: JsonPropertyName("auths")] IReadOnlyDictionary<string, DockerAuth?>? Auths,
    [property: JsonPropertyName("credHelpers")] IReadOnlyDictionary<string, string>? CredHelpers,
    [property: JsonPropertyName("credsStore")] string? CredsStore);

/// <summary>One entry of <see cref="DockerConfig.Auths"/>.</summary>
/// <param name="Auth">Base64 of <c>user:password</c>.</param>
/// <param name="Username">User name in the clear, as old clients wrote it.</param>
/// <param name="Password">Password in the clear, as old clients wrote it.</param>
/// <param name="IdentityToken">OAuth2 refresh token.</param>
internal sealed record DockerAuth(
    [property: JsonPropertyName("auth")] string? Auth,
    [property: JsonPropertyName("username")] string? Username,
    [property: JsonPropertyName("password")] string? Password,
    [property: JsonPropertyName("identitytoken")] string? IdentityToken)
{
    /// <summary>Never the secrets.</summary>
    public override string ToString() => nameof(DockerAuth);
}
