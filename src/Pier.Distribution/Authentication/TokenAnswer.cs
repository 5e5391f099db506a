using System.Text.Json.Serialization;

namespace Pier.Distribution.Authentication;

/// <summary>What a token server answers (distribution, "Token Authentication Specification", and its OAuth2 form).</summary>
/// <param name="Token">The token under its first name.</param>
/// <param name="AccessToken">The token under OAuth2's name.</param>
/// <param name="ExpiresIn">Seconds it holds; 60 when absent.</param>
internal sealed record TokenAnswer(
    [property: JsonPropertyName("token")] string? Token,
    [property: JsonPropertyName("access_token")] string? AccessToken,
    [property: JsonPropertyName("expires_in")] double? ExpiresIn)
{
    /// <summary>Never the token: answers end up in nobody's log.</summary>
    public override string ToString() => nameof(TokenAnswer);
}
