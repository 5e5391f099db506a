using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Pier.Api;
using Pier.Daemon.Hosting;
using Pier.Daemon.Options;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;

namespace Pier.UnitTests.Daemon;

/// <summary>A whole daemon inside the test's process, on free ports and a folder that outlives it.</summary>
internal sealed class TestDaemon : IAsyncDisposable
{
    private readonly DaemonHost _host;

    private TestDaemon(DaemonHost host, DaemonOptions options)
    {
        _host = host;
        Options = options;
        Control = new ControlClient(options.Socket);
        Http = new HttpClient();
    }

    public DaemonOptions Options { get; }

    public ControlClient Control { get; }

    public HttpClient Http { get; }

    public IServiceProvider Services => _host.Services;

    public Uri Registry => new($"http://{Options.Registry[0]}/");

    public Uri ControlPort => new($"http://{Options.Control}/");

    /// <summary>Starts a daemon whose docker.io is at the given address.</summary>
    public static Task<TestDaemon> StartAsync(TempFolder folder, Uri dockerHub, CancellationToken cancellationToken) =>
        StartAsync(OptionsIn(folder, dockerHub), cancellationToken);

    public static async Task<TestDaemon> StartAsync(DaemonOptions options, CancellationToken cancellationToken)
    {
        var host = DaemonHost.Create(options, TimeProvider.System);
        try
        {
            await host.StartAsync(cancellationToken);
            return new TestDaemon(host, options);
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    public static DaemonOptions OptionsIn(TempFolder folder, Uri dockerHub) => new()
    {
        State = folder.Below("state"),
        Socket = folder.Below("pier.sock"),
        Registry = [Free()],
        RegistryIsDefault = false,
        Control = Free(),
        Peers = Free(),
        Node = Free(),
        LogLevel = LogLevel.Warning,
        Upstreams = new Dictionary<string, UpstreamSettings>(StringComparer.Ordinal)
        {
            ["docker.io"] = new() { Endpoints = [dockerHub.ToString()] },
        },
    };

    public async Task<HttpStatusCode> SendAsync(HttpMethod method, Uri address, string? host = null, string? authorization = null)
    {
        using var request = new HttpRequestMessage(method, address);
        request.Headers.Host = host;
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }
        using var answer = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    public Task StopAsync(CancellationToken cancellationToken) => _host.StopAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        Control.Dispose();
        await _host.StopAsync(CancellationToken.None);
        await _host.DisposeAsync();
    }

    private static IPEndPoint Free() => new(IPAddress.Loopback, FreePort.Next(alsoUdp: true));
}
