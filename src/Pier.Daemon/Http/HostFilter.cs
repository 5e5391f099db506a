using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Pier.Api.Errors;
using Pier.Daemon.Listeners;

namespace Pier.Daemon.Http;

/// <summary>Answers 421 to requests under a foreign Host, on every TCP listener; the Unix sockets have no host to speak of.</summary>
internal sealed class HostFilter(RequestDelegate next, HostNames names, ILogger<HostFilter> logger)
{
    /// <summary>One request.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (context.Features.Get<ListenerFeature>()?.Role is ListenerRole.Socket or ListenerRole.Driver
            || names.Knows(request.Host, context.Connection.LocalIpAddress))
        {
            return next(context);
        }
        logger.ForeignHost(request.Method, LoggedPath.Of(request.Path), request.Host.Value ?? "");
        return context.WriteErrorAsync(StatusCodes.Status421MisdirectedRequest, new ApiError(
            ApiErrorCodes.WrongHost,
            $"The Host header '{request.Host.Value}' is not a name of this node.",
            "Call it as localhost or by its address, or name the host in --advertise or in 'hosts' of the configuration file."));
    }
}
