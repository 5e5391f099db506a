using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Pier.Registry.Access;

/// <summary>Makes bearer tokens and knows its own again (RFC 7519, in the form of the distribution token specification).</summary>
internal sealed class Tokens : IDisposable
{
    /// <summary>Far above any token made here.</summary>
    private const int MaxLength = 16 << 10;

    /// <summary>What other registries' clocks may be behind ours.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    private readonly AccessOptions _options;
    private readonly TimeProvider _clock;
    private readonly TokenKey _key;

    public Tokens(MirrorOptions options, TimeProvider clock)
    {
        _options = options.Access;
        _clock = clock;
        _key = TokenKey.Open(_options.KeyFile, clock);
    }

    /// <summary>A token that says who its holder is, and what it is for.</summary>
    /// <param name="user">The user; null for anybody.</param>
    /// <param name="access">What it is for.</param>
    public TokenAnswer Issue(string? user, IReadOnlyList<TokenAccess> access)
    {
        var now = _clock.GetUtcNow();
        var header = new TokenHeader("JWT", "ES256", [_key.Certificate]);
        var claims = new TokenClaims(
            _options.Service, user ?? "", _options.Service, (now + _options.TokenLifetime).ToUnixTimeSeconds(),
            (now - Skew).ToUnixTimeSeconds(), now.ToUnixTimeSeconds(), Guid.NewGuid().ToString("n"), access);
        var signed = $"{Encode(JsonSerializer.SerializeToUtf8Bytes(header, TokenJson.Default.TokenHeader))}.{Encode(JsonSerializer.SerializeToUtf8Bytes(claims, TokenJson.Default.TokenClaims))}";
        var token = $"{signed}.{Encode(_key.Sign(Encoding.ASCII.GetBytes(signed)))}";
        return new TokenAnswer(token, token, (int)_options.TokenLifetime.TotalSeconds, now.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>The claims of a token that this node made and that still holds; null for any other text.</summary>
    public TokenClaims? Read(string token)
    {
        if (token.Length > MaxLength || token.Split('.') is not [var header, var body, var signature])
        {
            return null;
        }

        try
        {
            // The header is not asked which algorithm to believe in: there is one.
            if (!_key.Verify(Encoding.ASCII.GetBytes($"{header}.{body}"), Base64Url.DecodeFromChars(signature)))
            {
                return null;
            }

            var claims = JsonSerializer.Deserialize(Base64Url.DecodeFromChars(body), TokenJson.Default.TokenClaims);
            var now = _clock.GetUtcNow().ToUnixTimeSeconds();
            return claims is not null && claims.Issuer == _options.Service && claims.Audience == _options.Service && claims.NotBefore <= now && now < claims.Expires
                ? claims
                : null;
        }
        catch (Exception malformed) when (malformed is FormatException or JsonException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();

    private static string Encode(byte[] bytes) => Base64Url.EncodeToString(bytes);
}
