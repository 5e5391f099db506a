using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Pier.Api.Errors;

namespace Pier.Daemon.Http;

/// <summary>Turns what the control endpoints throw into error documents, once, at the edge.</summary>
internal sealed class ErrorEdge(RequestDelegate next, ILogger<ErrorEdge> logger)
{
    /// <summary>One request.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has gone: there is nobody to tell.
            context.Abort();
        }
        catch (Exception failure) when (!context.Response.HasStarted)
        {
            var (status, error) = Judge(context, failure);
            await context.WriteErrorAsync(status, error);
        }
    }

    private (int Status, ApiError Error) Judge(HttpContext context, Exception failure)
    {
        if (ErrorAnswers.For(failure) is { } known)
        {
            logger.RequestRefused(context.Request.Method, context.Request.Path, known.Error.Code, known.Error.Message);
            return known;
        }
        logger.RequestFailed(context.Request.Method, context.Request.Path, failure);
        return (500, new ApiError(
            ApiErrorCodes.Internal, $"The daemon failed: {failure.Message}", "Its log has the details (journalctl -u pierd)."));
    }
}
