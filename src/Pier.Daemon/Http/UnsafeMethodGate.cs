using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Pier.Api.Errors;
using Pier.Daemon.Listeners;

namespace Pier.Daemon.Http;

/// <summary>
/// Lets safe methods (RFC 9110 §9.2.1) through; the rest needs the Unix socket, or the control token as a bearer token
/// (RFC 6750), so that a web page in the owner's browser cannot steer the daemon.
/// </summary>
internal sealed class UnsafeMethodGate(RequestDelegate next, ControlToken token, ILogger<UnsafeMethodGate> logger)
{
    private const string Bearer = "Bearer ";

    /// <summary>One request.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method)
            || context.Features.Get<ListenerFeature>()?.Role == ListenerRole.Socket)
        {
            return next(context);
        }
        var authorization = request.Headers.Authorization.ToString();
        if (!authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            logger.UnsafeRefused(request.Method, request.Path, "no token");
            context.Response.Headers.WWWAuthenticate = "Bearer realm=\"pier\"";
            return context.WriteErrorAsync(401, new ApiError(
                ApiErrorCodes.TokenRequired,
                $"{request.Method} on the control port needs the control token.",
                $"Use the Unix socket, or send 'Authorization: Bearer TOKEN' with what stands in {ControlToken.FileName} of the state folder."));
        }
        if (!token.Matches(authorization[Bearer.Length..].Trim()))
        {
            logger.UnsafeRefused(request.Method, request.Path, "wrong token");
            return context.WriteErrorAsync(403, new ApiError(ApiErrorCodes.Denied, "That is not this daemon's control token.",
                $"It stands in {ControlToken.FileName} of the state folder."));
        }
        return next(context);
    }
}
