using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Pier.Content.References;
using Pier.Distribution;
using Pier.TestKit.Logging;

namespace Pier.UnitTests.Distribution;

/// <summary>A registry in this process that answers as a test says, and remembers what it was asked.</summary>
internal sealed class FakeUpstream : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly List<UpstreamClients> _clients = [];

    private FakeUpstream(WebApplication app) => _app = app;

    /// <summary>The requests, in order of arrival: method, path with query, and headers.</summary>
    public ConcurrentQueue<(string Method, string Path, IReadOnlyDictionary<string, string> Headers)> Asked { get; } = new();

    /// <summary>What clients of <see cref="Client"/> logged.</summary>
    public CollectedLogs Logs { get; } = new();

    public Uri Address { get; private set; } = null!;

    /// <summary>The registry's name: 127.0.0.1 with its port.</summary>
    public string Name => Address.Authority;

    public RepositoryName Repository => new(Name, "team/app");

    /// <summary>Credentials are looked for here only.</summary>
    public IReadOnlyList<string> ConfigFiles { get; init; } = [];

    public static async Task<FakeUpstream> StartAsync(Func<HttpContext, Task> answer, IReadOnlyList<string>? configFiles = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(System.Net.IPAddress.Loopback, 0);
            kestrel.Limits.MinResponseDataRate = null;
        });
        var app = builder.Build();
        var upstream = new FakeUpstream(app) { ConfigFiles = configFiles ?? [] };
        app.Run(async context =>
        {
            var headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
            upstream.Asked.Enqueue((context.Request.Method, context.Request.Path + context.Request.QueryString, headers));
            await answer(context);
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        upstream.Address = new Uri(app.Urls.Single());
        return upstream;
    }

    /// <summary>A client of this registry.</summary>
    public UpstreamClient Client(TimeProvider? time = null, UpstreamOptions? options = null) =>
        Clients(time, options).For(Name);

    public UpstreamClients Clients(TimeProvider? time = null, UpstreamOptions? options = null)
    {
        var wanted = (options ?? new UpstreamOptions()) with { DockerConfigFiles = ConfigFiles };
        var clients = new UpstreamClients(
            // A clock that is moved by hand would wait for ever.
            time is null ? wanted : wanted with { RetryPauses = [] },
            time ?? TimeProvider.System,
            Logs.CreateLogger("upstream"),
            _ => null);
        _clients.Add(clients);
        return clients;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            client.Dispose();
        }

        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }
}
