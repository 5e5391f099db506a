using System.Net;
using Pier.Content.References;
using Pier.Distribution.Authentication;
using Pier.Distribution.Errors;

namespace Pier.Distribution.Transport;

/// <summary>One address of a registry: sends requests there with the credentials that it asks for.</summary>
internal sealed class UpstreamEndpoint(Uri address, Requester requester, Authenticator authenticator)
{
    /// <summary>Host and port, as messages name it.</summary>
    public string Name => address.Authority;

    /// <summary>Sends a request for a resource of a repository and returns whatever answer came last.</summary>
    /// <param name="call">What is asked.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="UpstreamException">No answer came, or the token server gave none.</exception>
    public async Task<EndpointAnswer> SendAsync(UpstreamCall call, CancellationToken cancellationToken)
    {
        var repository = call.Repository.Path;
        var what = $"{Name} {repository} {call.Resource}";
        var target = new Uri($"{address.GetLeftPart(UriPartial.Path).TrimEnd('/')}/v2/{repository}/{call.Resource}");
        var exchange = new Exchange(call.Method, target, what) { Accept = call.Accept, Range = call.Range };

        var sent = await authenticator.PrepareAsync(repository, call.AnonymousOnly, cancellationToken);
        var response = await requester.SendAsync(exchange with { Authorization = sent.Header }, cancellationToken);
        if (response.StatusCode == HttpStatusCode.Unauthorized)
        {
            var challenges = ChallengeParser.Parse(
                response.Headers.NonValidated.TryGetValues("WWW-Authenticate", out var values) ? values : default);
            var answer = await AnswerAsync(response, challenges, sent, call, cancellationToken);
            if (answer is not null)
            {
                response.Dispose();
                sent = answer;
                response = await requester.SendAsync(exchange with { Authorization = sent.Header }, cancellationToken);
            }
        }

        return new EndpointAnswer(response, what, sent.Anonymous);
    }

    /// <summary>Reads the refusal in an answer's body and makes it an exception; disposes the answer.</summary>
    public async Task<UpstreamException> RefusalAsync(EndpointAnswer answer, CancellationToken cancellationToken)
    {
        var response = answer.Response;
        var status = response.StatusCode;
        var retryAfter = RetryAfterHeader.Read(response);
        var body = await requester.ReadErrorAsync(response, answer.What, cancellationToken);
        var hint = status == HttpStatusCode.Unauthorized
            ? answer.WasAnonymous
                ? "the repository does not exist or needs a login: run docker login, or configure user and secretFile"
                : "the stored login was refused: run docker login again"
            : null;
        return UpstreamErrors.FromStatus(answer.What, status, body, retryAfter, hint);
    }

    private async Task<RequestAuthorization?> AnswerAsync(
        HttpResponseMessage response, IReadOnlyList<Challenge> challenges, RequestAuthorization sent, UpstreamCall call, CancellationToken cancellationToken)
    {
        try
        {
            return await authenticator.AnswerAsync(challenges, sent, call.Repository.Path, call.AnonymousOnly, cancellationToken);
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }
}

/// <summary>A request for a resource of a repository, before it is known which address answers it.</summary>
/// <param name="Method">GET or HEAD.</param>
/// <param name="Repository">The repository.</param>
/// <param name="Resource">What follows the repository in the path, such as <c>manifests/latest</c>.</param>
internal sealed record UpstreamCall(HttpMethod Method, RepositoryName Repository, string Resource)
{
    /// <summary>Acceptable media types; empty for any.</summary>
    public IReadOnlyList<string> Accept { get; init; } = [];

    /// <summary>The wanted part, or null.</summary>
    public System.Net.Http.Headers.RangeHeaderValue? Range { get; init; }

    /// <summary>Leave our credentials out of it.</summary>
    public bool AnonymousOnly { get; init; }
}

/// <summary>An answer and how it was got.</summary>
/// <param name="Response">Owned by whoever holds this.</param>
/// <param name="What">Names endpoint and resource in messages.</param>
/// <param name="WasAnonymous">True when no credential of ours was behind the request.</param>
internal sealed record EndpointAnswer(HttpResponseMessage Response, string What, bool WasAnonymous);
