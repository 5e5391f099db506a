using Pier.Distribution.Errors;

namespace Pier.Distribution.Transport;

/// <summary>What every good answer must pass, whatever it carries.</summary>
internal static class AnswerChecks
{
    /// <summary>An answer that breaks the protocol, with its status.</summary>
    public static UpstreamException Bad(EndpointAnswer answer, string why, Exception? cause = null) =>
        new(UpstreamFailure.BadAnswer, $"{answer.What}: {why}.", cause) { Status = (int)answer.Response.StatusCode };

    /// <summary>Log-in pages of networks and of proxies come with status 200.</summary>
    /// <exception cref="UpstreamException">The answer is a web page.</exception>
    public static void RefuseHtml(EndpointAnswer answer)
    {
        if (IsHtml(answer))
        {
            throw Bad(answer, "the answer is a web page; is a proxy or a log-in page in between?");
        }
    }

    /// <summary>True for a web page.</summary>
    public static bool IsHtml(EndpointAnswer answer) =>
        answer.Response.Content.Headers.ContentType?.MediaType is { } type
        && type.StartsWith("text/html", StringComparison.OrdinalIgnoreCase);
}
