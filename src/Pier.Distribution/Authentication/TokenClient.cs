using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Pier.Distribution.Credentials;
using Pier.Distribution.Errors;
using Pier.Distribution.Transport;

namespace Pier.Distribution.Authentication;

/// <summary>
/// Asks token servers (distribution, "Token Authentication Specification"): GET with or without user and password,
/// or the OAuth2 POST for identity tokens.
/// </summary>
internal sealed class TokenClient(Requester requester, ILogger logger)
{
    private const int MaxAnswer = 256 * 1024;
    private const int MaxToken = 64 * 1024;
    private const string ClientId = "pier";

    private static readonly TimeSpan DefaultLifetime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan MaxLifetime = TimeSpan.FromHours(24);

    /// <summary>A token that allows pulling from one repository.</summary>
    /// <exception cref="UpstreamException">The token server refused, failed, or answered nonsense.</exception>
    public async Task<(string Token, TimeSpan Lifetime)> AskAsync(TokenKey key, string scope, RegistryCredential? credential, CancellationToken cancellationToken)
    {
        var what = $"token server {key.Realm.Authority} for {key.Repository}";
        var response = await requester.SendAsync(Compose(key, scope, credential, what), cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw await RefusedAsync(response, what, credential, cancellationToken);
        }

        var body = await requester.ReadBodyAsync(response, what, MaxAnswer, cancellationToken)
            ?? throw new UpstreamException(UpstreamFailure.BadAnswer, $"{what}: the answer has more than {MaxAnswer} bytes.");
        var (token, lifetime) = Read(body, what);
        logger.TokenReceived(key.Repository, key.Realm.Authority, credential is null);
        return (token, lifetime);
    }

    private static Exchange Compose(TokenKey key, string scope, RegistryCredential? credential, string what)
    {
        if (credential is { IsIdentityToken: true })
        {
            return new Exchange(HttpMethod.Post, key.Realm, what)
            {
                Form =
                [
                    new("grant_type", "refresh_token"), new("service", key.Service ?? ""), new("client_id", ClientId),
                    new("scope", scope), new("refresh_token", credential.Secret),
                ],
            };
        }

        var query = new StringBuilder(key.Realm.Query).Append(key.Realm.Query.Length == 0 ? '?' : '&');
        query.Append("scope=").Append(Uri.EscapeDataString(scope));
        if (key.Service is not null)
        {
            query.Append("&service=").Append(Uri.EscapeDataString(key.Service));
        }

        if (credential is { User.Length: > 0 })
        {
            query.Append("&account=").Append(Uri.EscapeDataString(credential.User));
        }

        return new Exchange(HttpMethod.Get, new UriBuilder(key.Realm) { Query = query.ToString() }.Uri, what)
        {
            Authorization = credential is null ? null : Basic(credential),
        };
    }

    /// <summary>RFC 7617, in UTF-8.</summary>
    public static AuthenticationHeaderValue Basic(RegistryCredential credential) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credential.User}:{credential.Secret}")));

    private async Task<UpstreamException> RefusedAsync(HttpResponseMessage response, string what, RegistryCredential? credential, CancellationToken cancellationToken)
    {
        var status = response.StatusCode;
        var retryAfter = RetryAfterHeader.Read(response);
        var body = await requester.ReadErrorAsync(response, what, cancellationToken);
        var hint = credential is null ? null : "check the stored login";
        return UpstreamErrors.FromStatus(what, status, body, retryAfter, hint);
    }

    private static (string Token, TimeSpan Lifetime) Read(byte[] body, string what)
    {
        TokenAnswer? answer;
        try
        {
            answer = JsonSerializer.Deserialize(body, CredentialJson.Default.TokenAnswer);
        }
        catch (JsonException broken)
        {
            // Line only: the exception's text may quote the token.
            throw new UpstreamException(UpstreamFailure.BadAnswer, $"{what}: the answer is no token document (line {broken.LineNumber + 1}).");
        }

        var token = string.IsNullOrEmpty(answer?.Token) ? answer?.AccessToken : answer.Token;
        if (string.IsNullOrEmpty(token) || token.Length > MaxToken || token.Any(c => c is <= ' ' or > '~'))
        {
            throw new UpstreamException(UpstreamFailure.BadAnswer, $"{what}: the answer holds no usable token.");
        }

        var seconds = answer!.ExpiresIn is { } told and > 0 ? Math.Min(told, MaxLifetime.TotalSeconds) : DefaultLifetime.TotalSeconds;
        return (token, TimeSpan.FromSeconds(seconds));
    }
}
