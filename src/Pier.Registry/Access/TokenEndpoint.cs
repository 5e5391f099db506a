using Microsoft.AspNetCore.Http;
using Pier.Content.References;
using Pier.Distribution.Wire;
using Pier.Registry.Errors;
using Pier.Registry.Routing;

namespace Pier.Registry.Access;

/// <summary>The token service: a token for what of the asked scopes its user may do, which may be nothing (distribution token specification).</summary>
internal sealed class TokenEndpoint(AccessGate gate, AccessRules rules, Lazy<Tokens> tokens)
{
    public Task AnswerAsync(HttpContext context)
    {
        if (!rules.IsEnforced)
        {
            throw new RegistryRefusal(404, ErrorCodes.Unsupported, "This node asks nobody for a token: it has no users.");
        }

        if (context.Request.Headers.Authorization.ToString().StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) || gate.Identify(context) is not { } caller)
        {
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"pier\"";
            throw new RegistryRefusal(401, ErrorCodes.Unauthorized, "That user name with that password is not known here.");
        }

        var access = ScopeGrammar.Read(context.Request.Query["scope"])
            .Select(scope => new TokenAccess("repository", scope.Name, ScopeGrammar.WordsOf(scope.Actions & Allowed(caller, scope.Name))))
            .Where(granted => granted.Actions is { Count: > 0 })
            .ToList();
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsJsonAsync(tokens.Value.Issue(caller.User, access), TokenJson.Default.TokenAnswer, "application/json", context.RequestAborted);
    }

    private RegistryActions Allowed(Caller caller, string name)
    {
        try
        {
            return rules.Allowed(caller.User, RepositoryChoice.Choose(name, ns: null));
        }
        catch (Exception malformed) when (malformed is ReferenceFormatException or RegistryRefusal)
        {
            return RegistryActions.None;
        }
    }
}
