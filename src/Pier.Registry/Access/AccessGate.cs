using System.Net;
using Microsoft.AspNetCore.Http;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Distribution.Wire;
using Pier.Registry.Errors;

namespace Pier.Registry.Access;

/// <summary>Asks at the registry door who is there, and lets through what the rules allow.</summary>
internal sealed class AccessGate(AccessRules rules, Logins logins, Lazy<Tokens> tokens, MirrorOptions options)
{
    /// <summary>Where the token service is.</summary>
    public const string TokenPath = "/token";

    /// <summary>Lets a client see that it is known: the base of the protocol, by which clients log in.</summary>
    /// <exception cref="RegistryRefusal">It gave no name, or a wrong one.</exception>
    public void CheckKnown(HttpContext context)
    {
        if (rules.IsEnforced && (context.Request.Headers.Authorization.Count == 0 || Identify(context) is null))
        {
            throw Unauthorized(context, scope: null, "Give a user name and a password, or get a token.");
        }
    }

    /// <summary>Lets a request through to a repository.</summary>
    /// <param name="context">The request.</param>
    /// <param name="repository">The repository.</param>
    /// <param name="name">Its name as the client wrote it, and as its token has it.</param>
    /// <param name="action">What the request does.</param>
    /// <exception cref="RegistryRefusal">It may not.</exception>
    public void Check(HttpContext context, RepositoryName repository, string name, RegistryActions action)
    {
        if (!rules.IsEnforced)
        {
            return;
        }

        var scope = $"repository:{name}:{(action == RegistryActions.Push ? "pull,push" : ScopeGrammar.Word(action))}";
        var caller = Identify(context) ?? throw Unauthorized(context, scope, "That user name with that password, or that token, is not known here, or the token has expired.");
        if (!rules.Allowed(caller.User, repository).HasFlag(action))
        {
            throw caller.User is null
                ? Unauthorized(context, scope, $"{name} wants a user name for {ScopeGrammar.Word(action)}: docker login {context.Request.Host}")
                : new RegistryRefusal(403, ErrorCodes.Denied, $"{caller.User} may not {ScopeGrammar.Word(action)} {name} here. The rules stand under 'access' in the node's configuration file.");
        }

        if (!caller.Covers(name, action))
        {
            throw Unauthorized(context, scope, $"The token is not for {ScopeGrammar.Word(action)} of {name}. Get one for the scope that this answer names.");
        }
    }

    /// <summary>The door through which a request came: what is private is for this host, and for users that the rules know.</summary>
    public Door DoorOf(HttpContext context) =>
        (context.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote)) || (rules.IsEnforced && Identify(context)?.User is not null)
            ? Door.Registry
            : Door.RemoteRegistry;

    /// <summary>True when the caller of a request may pull from a repository.</summary>
    public bool MayPull(HttpContext context, RepositoryName repository) =>
        !rules.IsEnforced || rules.Allowed(Identify(context)?.User, repository).HasFlag(RegistryActions.Pull);

    /// <summary>Who asks; null when what they say of themselves is wrong.</summary>
    public Caller? Identify(HttpContext context)
    {
        var authorization = context.Request.Headers.Authorization.ToString();
        if (authorization.Length == 0)
        {
            return Caller.Anonymous;
        }

        if (authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return tokens.Value.Read(authorization["Bearer ".Length..].Trim()) is { } claims
                ? new Caller(claims.Subject is { Length: > 0 } user ? user : null, claims.Access ?? [])
                : null;
        }

        var address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        if (logins.PauseOf(address) is { } pause)
        {
            // Not 429, which containerd repeats at once.
            throw new RegistryRefusal(403, ErrorCodes.Denied, $"Too many wrong passwords came from {address}; it is not listened to for {Math.Ceiling(pause.TotalSeconds):0} s.");
        }

        return BasicLogin.Read(authorization) is var (name, password) && logins.Knows(name, password, address) ? new Caller(name, null) : null;
    }

    /// <summary>The refusal of somebody who is not known, with the way to become it (RFC 9110 §11.6.1; distribution token specification).</summary>
    public RegistryRefusal Unauthorized(HttpContext context, string? scope, string message)
    {
        var request = context.Request;
        context.Response.Headers.WWWAuthenticate =
            $"Bearer realm=\"{request.Scheme}://{request.Host}{TokenPath}\",service=\"{options.Access.Service}\"{(scope is null ? "" : $",scope=\"{scope}\"")}";
        return new RegistryRefusal(401, ErrorCodes.Unauthorized, message);
    }
}
