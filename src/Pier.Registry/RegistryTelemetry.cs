using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Pier.Registry.Routing;

namespace Pier.Registry;

/// <summary>Counts the requests of registry clients, and writes them down where that is wanted.</summary>
internal sealed class RegistryTelemetry : IDisposable
{
    private static readonly string[] Kinds = [.. Enum.GetNames<RegistryPathKind>().Select(name => name.ToLowerInvariant())];

    private readonly Meter _meter;
    private readonly Counter<long> _requests;
    private readonly Counter<long> _sent;
    private readonly Histogram<double> _seconds;
    private readonly bool _isWritten;
    private readonly TimeProvider _clock;
    private readonly ILogger<RegistryTelemetry> _log;

    public RegistryTelemetry(MirrorOptions options, IMeterFactory meters, TimeProvider clock, ILogger<RegistryTelemetry> log)
    {
        _isWritten = options.RequestLog;
        _clock = clock;
        _log = log;
        _meter = meters.Create("Pier.Registry");
        _requests = _meter.CreateCounter<long>("pier.registry.requests", description: "Requests of registry clients that have been answered.");
        _sent = _meter.CreateCounter<long>("pier.registry.sent_bytes", description: "Bytes of bodies given to registry clients.");
        _seconds = _meter.CreateHistogram<double>("pier.registry.seconds", description: "Seconds from a request to the end of its answer.");
    }

    /// <summary>The clock's reading at the start of a request, for <see cref="Ended"/>.</summary>
    public long Start() => _clock.GetTimestamp();

    /// <summary>A request has been answered, or the client has left.</summary>
    public void Ended(HttpContext context, long start)
    {
        var path = context.Request.Path.Value ?? "";
        var kind = RegistryPath.TryParse(path, out var parsed) ? Kinds[(int)parsed.Kind] : "other";
        var status = context.RequestAborted.IsCancellationRequested ? StatusCodes.Status499ClientClosedRequest : context.Response.StatusCode;
        var bytes = HttpMethods.IsGet(context.Request.Method) && status != StatusCodes.Status499ClientClosedRequest ? context.Response.ContentLength ?? 0 : 0;
        var time = _clock.GetElapsedTime(start);
        _requests.Add(1, new("kind", kind), new("method", Method(context.Request.Method)), new("status", status));
        _sent.Add(bytes, new KeyValuePair<string, object?>("kind", kind));
        _seconds.Record(time.TotalSeconds, new KeyValuePair<string, object?>("kind", kind));
        if (_isWritten)
        {
            // The path and ?ns= alone: queries of uploads and headers may carry what is secret.
            _log.Answered(
                context.Request.Method, path, context.Request.Query["ns"].ToString(), status, bytes, Math.Round(time.TotalMilliseconds, 1),
                context.Connection.RemoteIpAddress?.ToString() ?? "", context.Request.Headers.UserAgent.ToString());
        }
    }

    public void Dispose() => _meter.Dispose();

    /// <summary>Clients may write any word there, and each would be a series of its own.</summary>
    private static string Method(string method) => method switch
    {
        "GET" or "HEAD" or "PUT" or "POST" or "PATCH" or "DELETE" => method,
        _ => "other",
    };
}
