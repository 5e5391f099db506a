using System.Text.Json.Serialization;

namespace Pier.Distribution.Credentials;

/// <summary>What a credential helper writes (docker-credential-helpers protocol, "get").</summary>
/// <param name="Username">User name, or <c>&lt;token&gt;</c> when the secret is an identity token.</param>
/// <param name="Secret">The secret.</param>
internal sealed record HelperAnswer(
    [property: JsonPropertyName("Username")] string? Username,
    [property: JsonPropertyName("Secret")] string? Secret)
{
    /// <summary>Never the secret.</summary>
    public override string ToString() => nameof(HelperAnswer);
}
