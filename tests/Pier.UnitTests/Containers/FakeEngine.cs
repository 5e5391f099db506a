using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Pier.UnitTests.Containers;

/// <summary>A Docker Engine API as far as containers and events go, over a Unix socket; containers are what the test says.</summary>
internal sealed class FakeEngine : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly ConcurrentDictionary<string, JsonObject> _containers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _sayings = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Channel<string>, bool> _watchers = new();
    private int _runs;
    private int _looks;

    private FakeEngine(WebApplication application, string socket)
    {
        _application = application;
        Socket = socket;
        application.Run(AnswerAsync);
    }

    /// <summary>Where it listens.</summary>
    public string Socket { get; }

    /// <summary>Open streams of events.</summary>
    public int Watchers => _watchers.Count;

    /// <summary>The filters of the last question for events.</summary>
    public string? Filters { get; private set; }

    public static async Task<FakeEngine> StartAsync(string socket, CancellationToken cancellationToken)
    {
        File.Delete(socket);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(socket));
        builder.Services.AddLogging();
        var engine = new FakeEngine(builder.Build(), socket);
        await engine._application.StartAsync(cancellationToken);
        return engine;
    }

    /// <summary>The id of the n-th container.</summary>
    public static string Id(int number) => number.ToString("x64", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>How often it was asked about one container.</summary>
    public int Looks => _looks;

    /// <summary>How often it was asked which containers run.</summary>
    public int Lists { get; private set; }

    /// <summary>Has it say something else of a container than what is true.</summary>
    public void Say(int number, string answer) => _sayings[Id(number)] = answer;

    /// <summary>A container runs; the engine says so unless it is silent.</summary>
    public void Start(int number, IReadOnlyDictionary<string, string> labels, bool isSilent = false)
    {
        var list = new JsonObject();
        foreach (var (name, value) in labels)
        {
            list[name] = value;
        }

        _containers[Id(number)] = new JsonObject
        {
            ["Id"] = Id(number),
            ["Name"] = $"/c{number}",
            ["State"] = new JsonObject { ["Running"] = true, ["Pid"] = 4_000_000 + number, ["StartedAt"] = $"run {Interlocked.Increment(ref _runs)}" },
            ["Config"] = new JsonObject { ["Labels"] = list },
        };
        if (!isSilent)
        {
            Tell(Id(number), "start");
        }
    }

    /// <summary>A container's run is over.</summary>
    public void Stop(int number, bool isSilent = false)
    {
        _containers.TryRemove(Id(number), out _);
        if (!isSilent)
        {
            Tell(Id(number), "die");
        }
    }

    /// <summary>Sends a line to whoever watches.</summary>
    public void Send(string line)
    {
        foreach (var watcher in _watchers.Keys)
        {
            watcher.Writer.TryWrite(line);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var watcher in _watchers.Keys)
        {
            watcher.Writer.TryComplete();
        }

        await _application.DisposeAsync();
    }

    private void Tell(string id, string action) => Send(JsonSerializer.Serialize(new { Type = "container", Action = action, Actor = new { ID = id } }));

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        switch (path)
        {
            case "/events":
                Filters = context.Request.Query["filters"];
                await StreamAsync(context);
                break;
            case "/containers/json":
                Lists++;
                await context.Response.WriteAsync(JsonSerializer.Serialize(_containers.Values.Select(container => new { Id = (string)container["Id"]! })));
                break;
            case var _ when _containers.TryGetValue(path.Split('/')[2], out var container):
                Interlocked.Increment(ref _looks);
                await context.Response.WriteAsync(_sayings.GetValueOrDefault(path.Split('/')[2]) ?? container.ToJsonString());
                break;
            default:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                break;
        }
    }

    private async Task StreamAsync(HttpContext context)
    {
        var lines = Channel.CreateBounded<string>(1000);
        await context.Response.StartAsync(context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        _watchers[lines] = true;
        try
        {
            await foreach (var line in lines.Reader.ReadAllAsync(context.RequestAborted))
            {
                await context.Response.WriteAsync(line + "\n", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        }
        catch (OperationCanceledException)
        {
            // Whoever watched has left.
        }
        finally
        {
            _watchers.TryRemove(lines, out _);
        }
    }
}
