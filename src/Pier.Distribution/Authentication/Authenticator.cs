using System.Net.Http.Headers;
using Pier.Distribution.Credentials;
using Pier.Distribution.Errors;

namespace Pier.Distribution.Authentication;

/// <summary>
/// Answers one endpoint's challenges. It remembers what the endpoint asked for last, so that later requests carry
/// the right header at once instead of paying for a 401.
/// </summary>
/// <param name="endpoint">The address.</param>
/// <param name="credentials">This node's own.</param>
/// <param name="tokenClient">Asks token servers.</param>
/// <param name="tokens">Tokens that hold.</param>
/// <param name="takesCallers">Whether clients' own logins are meant for this address; a mirror of another host sees none of them.</param>
internal sealed class Authenticator(
    Uri endpoint, RememberedCredentials credentials, TokenClient tokenClient, TokenCache tokens, bool takesCallers = true)
{
    private volatile Challenge? _known;

    /// <summary>What to send before being asked.</summary>
    public async Task<RequestAuthorization> PrepareAsync(string repository, bool anonymousOnly, CallerLogin? caller, CancellationToken cancellationToken)
    {
        var known = _known;
        return known is null ? RequestAuthorization.None : await AnswerAsync(known, repository, anonymousOnly, caller, cancellationToken) ?? RequestAuthorization.None;
    }

    /// <summary>The answer to a 401, or null when there is none that was not refused already.</summary>
    public async Task<RequestAuthorization?> AnswerAsync(
        IReadOnlyList<Challenge> challenges, RequestAuthorization refused, string repository, bool anonymousOnly, CallerLogin? caller, CancellationToken cancellationToken)
    {
        var challenge = challenges.FirstOrDefault(offered => offered.IsBearer) ?? challenges.FirstOrDefault(offered => offered.IsBasic);
        if (challenge is null)
        {
            return null;
        }

        _known = challenge;
        if (refused is { Token: { } key, Header.Parameter: { } token })
        {
            tokens.Drop(key, token);
        }

        var answer = await AnswerAsync(challenge, repository, anonymousOnly, caller, cancellationToken);
        return Equals(answer?.Header, refused.Header) ? null : answer;
    }

    private async Task<RequestAuthorization?> AnswerAsync(
        Challenge challenge, string repository, bool anonymousOnly, CallerLogin? caller, CancellationToken cancellationToken)
    {
        // Who brings a login is judged by it alone: this node's own must not open what it does not.
        var credential = anonymousOnly || (caller is not null && !takesCallers) ? null
            : caller is not null ? caller.Credential
            : (await credentials.FindAsync(cancellationToken)).Credential;
        if (challenge.IsBasic)
        {
            return credential is null or { IsIdentityToken: true } or { IsBearerToken: true }
                ? null
                : new RequestAuthorization(TokenClient.Basic(credential), Anonymous: false);
        }

        if (credential is { IsBearerToken: true })
        {
            // What it is good for is for the registry to say; nothing here asks for another in its place.
            return new RequestAuthorization(new AuthenticationHeaderValue("Bearer", credential.Secret), Anonymous: false);
        }

        var key = new TokenKey(endpoint, Realm(challenge), challenge["service"], repository, credential is null, credential is null ? null : caller?.Mark);
        var scope = challenge["scope"] is { } asked && asked.Contains($":{repository}:", StringComparison.Ordinal) ? asked : $"repository:{repository}:pull";
        var token = await tokens.GetAsync(key, ending => tokenClient.AskAsync(key, scope, credential, ending), cancellationToken);
        return new RequestAuthorization(new AuthenticationHeaderValue("Bearer", token), credential is null, key);
    }

    private Uri Realm(Challenge challenge)
    {
        var text = challenge["realm"]!;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var realm) || realm.Scheme is not ("http" or "https") || realm.UserInfo.Length > 0)
        {
            throw new UpstreamException(UpstreamFailure.BadAnswer, $"{endpoint.Authority}: the token server's address in its challenge is no URL.");
        }

        // Credentials that were to travel under TLS must not be drawn out of it.
        return endpoint.Scheme == Uri.UriSchemeHttps && realm.Scheme != Uri.UriSchemeHttps
            ? throw new UpstreamException(UpstreamFailure.BadAnswer, $"{endpoint.Authority}: names the plain-HTTP token server {realm.Authority}.")
            : realm;
    }
}
