using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pier.Api;
using Pier.Api.Errors;
using Pier.Api.Progress;
using Pier.Daemon.Http;

namespace Pier.Daemon.Progress;

/// <summary>Answers long work in JSON lines: progress five times a second, then a result or a failure.</summary>
internal static class ProgressStream
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private static readonly ReadOnlyMemory<byte> LineEnd = "\n"u8.ToArray();

    /// <summary>Runs the work and follows it; when the client goes away the work is cancelled.</summary>
    /// <param name="context">The request.</param>
    /// <param name="work">Notes its progress on the board and returns the last line.</param>
    public static async Task RunAsync(HttpContext context, Func<ProgressBoard, CancellationToken, Task<ProgressLine>> work)
    {
        var clock = context.RequestServices.GetRequiredService<TimeProvider>();
        var board = new ProgressBoard();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        var running = work(board, stop.Token);
        try
        {
            while (!running.IsCompleted)
            {
                await Task.WhenAny(running, Task.Delay(Interval, clock, stop.Token));
                if (board.TakeChanged() is { Count: > 0 } changed)
                {
                    await WriteAsync(context, new ProgressUpdate(changed));
                }
            }
        }
        catch
        {
            await stop.CancelAsync();
            await Task.WhenAny(running);
            throw;
        }
        await WriteAsync(context, await ResultAsync(context, running));
    }

    /// <summary>A failure before the first line is an ordinary error answer; after it, the last line.</summary>
    private static async Task<ProgressLine> ResultAsync(HttpContext context, Task<ProgressLine> running)
    {
        try
        {
            return await running;
        }
        catch (Exception failure) when (context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            if (ErrorAnswers.For(failure) is { } known)
            {
                return new ProgressFailure(known.Error);
            }
            context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ProgressStream).FullName!)
                .RequestFailed(context.Request.Method, context.Request.Path, failure);
            return new ProgressFailure(new ApiError(
                ApiErrorCodes.Internal, $"The daemon failed: {failure.Message}", "Its log has the details (journalctl -u pierd)."));
        }
    }

    private static async Task WriteAsync(HttpContext context, ProgressLine line)
    {
        if (!context.Response.HasStarted)
        {
            context.Response.ContentType = "application/jsonl";
        }
        await JsonSerializer.SerializeAsync(context.Response.Body, line, ApiJson.Default.ProgressLine, context.RequestAborted);
        await context.Response.Body.WriteAsync(LineEnd, context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }
}
