using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Pier.Content.Contracts;
using Pier.Distribution.Wire;
using Pier.Registry.Routing;

namespace Pier.Registry.Errors;

/// <summary>
/// Stands around every request: failures become error documents, or, once a body has begun, a broken connection, which
/// is how HTTP/1.1 tells a client that the rest must be asked for again.
/// </summary>
internal sealed class ErrorFilter(RegistryTelemetry telemetry, ILogger<ErrorFilter> log)
{
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var start = telemetry.Start();
        try
        {
            await AnswerOrTellAsync(context, next);
        }
        finally
        {
            telemetry.Ended(context, start);
        }
    }

    private async Task AnswerOrTellAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (Exception e) when (context.RequestAborted.IsCancellationRequested && e is OperationCanceledException or IOException)
        {
            // Clients of open-ended ranges leave when they have enough (containerd's parallel fetch): nothing is wrong.
            log.ClientLeft(context.Request.Method, context.Request.Path);
        }
        catch (Exception e) when (context.Response.HasStarted)
        {
            log.BodyBroken(context.Request.Method, context.Request.Path, e);
            context.Abort();
        }
        catch (Exception e)
        {
            var kind = RegistryPath.TryParse(context.Request.Path.Value ?? "", out var path) ? path.Kind : RegistryPathKind.Base;
            await AnswerAsync(context, Judge(context, e, kind));
        }
    }

    private ErrorAnswer Judge(HttpContext context, Exception failure, RegistryPathKind kind)
    {
        if (ErrorAnswer.For(failure, kind) is { } known)
        {
            log.Refused(context.Request.Method, context.Request.Path, known.Status, known.Code, known.Message);
            return known;
        }

        log.Failed(context.Request.Method, context.Request.Path, failure);
        return ErrorAnswer.Fault;
    }

    private static Task AnswerAsync(HttpContext context, ErrorAnswer answer)
    {
        var response = context.Response;
        response.Headers.ETag = default;
        response.Headers.ContentLength = null;
        response.Headers.ContentRange = default;
        response.StatusCode = answer.Status;
        var document = new ErrorDocument([new ErrorEntry(answer.Code, answer.Message)]);
        return response.WriteAsJsonAsync(document, DistributionJson.Default.ErrorDocument, "application/json", context.RequestAborted);
    }
}
