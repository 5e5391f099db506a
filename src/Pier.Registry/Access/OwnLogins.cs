using Microsoft.AspNetCore.Http;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Distribution.Credentials;
using Pier.Distribution.Wire;
using Pier.Registry.Errors;
using Pier.Registry.Routing;

namespace Pier.Registry.Access;

/// <summary>
/// Clients that bring a login of their own for the registry whose name they put before the repository's
/// (<c>pier-host/ghcr.io/owner/repo</c>): a user name with a password, or a token that they have of that
/// registry's own token server. It goes to that registry alone, which judges it. Where this node has users, logins are for it.
/// </summary>
internal sealed class OwnLogins(AccessRules rules, MirrorOptions options)
{
    /// <summary>Answers a request for a mirrored repository with the client's own login, when it is addressed so and brings one.</summary>
    public async Task AnswerAsync(HttpContext context, RepositoryName repository, string name, Func<Task> answer)
    {
        if (rules.IsEnforced || !RepositoryChoice.IsHostAddressed(name, context.Request.Query["ns"]))
        {
            await answer();
            return;
        }

        var authorization = context.Request.Headers.Authorization.ToString();
        // Some clients send an empty name where they have none.
        CallerLogin.Current = BasicLogin.Read(authorization) is var (user, password)
            ? new CallerLogin(repository, new RegistryCredential(user, password))
            : BearerLogin.Read(authorization) is { } token
                ? new CallerLogin(repository, new RegistryCredential("", token) { IsBearerToken = true })
                : null;
        try
        {
            await answer();
        }
        catch (Exception refused) when (refused is ContentDeniedException or RegistryRefusal { Status: 403, Code: ErrorCodes.Denied })
        {
            throw Unauthorized(context, $"{refused.Message} Give a login for {repository.Registry}, which is asked whether it may read {repository}.");
        }
    }

    /// <summary>Lets a client at the base of the protocol that has given no login yet know that it may: some send none unasked.</summary>
    /// <exception cref="RegistryRefusal">It gave none, and this node asks for them.</exception>
    public void Ask(HttpContext context)
    {
        if (options.AskLogin && !rules.IsEnforced && context.Request.Headers.Authorization.Count == 0)
        {
            throw Unauthorized(context, "Logins of registries are taken here for names such as HOST/ghcr.io/OWNER/REPOSITORY; public images need none.");
        }
    }

    private static RegistryRefusal Unauthorized(HttpContext context, string message)
    {
        context.Response.Headers.WWWAuthenticate = "Basic realm=\"pier\"";
        return new RegistryRefusal(401, ErrorCodes.Unauthorized, message);
    }
}
