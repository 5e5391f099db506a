using System.Net;
using Pier.Content.References;
using Pier.Distribution.Authentication;
using Pier.Distribution.Credentials;
using Pier.Distribution.Errors;

namespace Pier.Distribution.Transport;

/// <summary>One address of a registry: sends requests there with the credentials that it asks for, at the pace that it bears.</summary>
internal sealed class UpstreamEndpoint(
    Uri address, RepositoryPath names, Requester requester, Authenticator authenticator, RequestPace pace, TimeSpan patience, TimeProvider time)
{
    /// <summary>Where "later" is not said, or means at once, a second is meant: who repeats at once is refused for longer.</summary>
    private static readonly TimeSpan LeastRest = TimeSpan.FromSeconds(1);

    /// <summary>Host and port, as messages name it.</summary>
    public string Name => address.Authority;

    /// <summary>Sends a request for a resource of a repository and returns whatever answer came last.</summary>
    /// <param name="call">What is asked.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="UpstreamException">No answer came, the token server gave none, or the address takes no requests for some time.</exception>
    public async Task<EndpointAnswer> SendAsync(UpstreamCall call, CancellationToken cancellationToken)
    {
        var latest = time.GetUtcNow() + patience;
        while (true)
        {
            var answer = await AskAsync(call, latest, cancellationToken);
            if (answer.Response.StatusCode != HttpStatusCode.TooManyRequests)
            {
                return answer;
            }

            // Waited out where that is short; else the refusal says it, and others are asked (design §3.5).
            var rest = RetryAfterHeader.Read(answer.Response) is { } said && said > LeastRest ? said : LeastRest;
            pace.Rest(rest);
            if (time.GetUtcNow() + rest > latest)
            {
                return answer;
            }

            answer.Response.Dispose();
        }
    }

    private async Task<EndpointAnswer> AskAsync(UpstreamCall call, DateTimeOffset latest, CancellationToken cancellationToken)
    {
        var repository = names.Of(call.Repository);
        var what = $"{Name} {repository} {call.Resource}";
        var exchange = new Exchange(call.Method, new Uri($"{names.Root}{repository}/{call.Resource}"), what) { Accept = call.Accept, Range = call.Range };

        var caller = CallerLogin.For(call.Repository);
        var sent = await authenticator.PrepareAsync(repository, call.AnonymousOnly, caller, cancellationToken);
        await pace.WaitAsync(what, latest, cancellationToken);
        var response = await requester.SendAsync(exchange with { Authorization = sent.Header }, cancellationToken);
        if (response.StatusCode == HttpStatusCode.Unauthorized)
        {
            var challenges = ChallengeParser.Parse(
                response.Headers.NonValidated.TryGetValues("WWW-Authenticate", out var values) ? values : default);
            var answer = await AnswerAsync(response, challenges, sent, repository, call.AnonymousOnly, caller, cancellationToken);
            if (answer is not null)
            {
                response.Dispose();
                sent = answer;
                await pace.WaitAsync(what, latest, cancellationToken);
                response = await requester.SendAsync(exchange with { Authorization = sent.Header }, cancellationToken);
            }
        }

        return new EndpointAnswer(response, what, sent.Anonymous, requester);
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
        HttpResponseMessage response, IReadOnlyList<Challenge> challenges, RequestAuthorization sent, string repository, bool anonymousOnly, CallerLogin? caller, CancellationToken cancellationToken)
    {
        try
        {
            return await authenticator.AnswerAsync(challenges, sent, repository, anonymousOnly, caller, cancellationToken);
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
/// <param name="Requester">Reads the body within the patience that is set for the address.</param>
internal sealed record EndpointAnswer(HttpResponseMessage Response, string What, bool WasAnonymous, Requester Requester);
