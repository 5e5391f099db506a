using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Pier.Api;
using Pier.Api.Nodes;
using Pier.Daemon.Hosting;

namespace Pier.Daemon.Control;

/// <summary><c>/healthz</c> (the process answers), <c>/readyz</c> (every loop runs), <c>/v1/version</c>.</summary>
internal static class HealthEndpoints
{
    private const int ApiVersion = 1;

    /// <summary>Maps them.</summary>
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/healthz", static (HttpContext context) => context.Response.WriteAsync("ok\n", context.RequestAborted));
        endpoints.MapGet("/readyz", static (HttpContext context, IHostApplicationLifetime lifetime) => ReadyAsync(context, lifetime));
        endpoints.MapGet(ApiPaths.Version, static () => TypedResults.Json(
            new VersionAnswer(DaemonVersion.Text, ApiVersion, System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription),
            ApiJson.Default.VersionAnswer));
    }

    private static Task ReadyAsync(HttpContext context, IHostApplicationLifetime lifetime)
    {
        var ready = lifetime.ApplicationStarted.IsCancellationRequested && !lifetime.ApplicationStopping.IsCancellationRequested;
        context.Response.StatusCode = ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return context.Response.WriteAsync(ready ? "ready\n" : "not ready\n", context.RequestAborted);
    }
}
