using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pier.Content.Contracts;
using Pier.Registry;
using Pier.TestKit.Logging;

namespace Pier.TestKit.Registry;

/// <summary>The registry door on a Kestrel of the test's own process, over whatever delivery the test gives it.</summary>
public sealed class RegistryServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private RegistryServer(WebApplication application, CollectedLogs logs)
    {
        _application = application;
        Logs = logs;
        Address = new Uri(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        Http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { BaseAddress = Address };
    }

    /// <summary>Where it listens: loopback, a free port.</summary>
    public Uri Address { get; }

    /// <summary>A client of it, without proxy and redirects.</summary>
    public HttpClient Http { get; }

    /// <summary>What it logged.</summary>
    public CollectedLogs Logs { get; }

    /// <summary>Starts a door over one object that plays all parts of delivery; with a store, also its blobs as web seeds.</summary>
    public static async Task<RegistryServer> StartAsync<T>(
        T delivery, MirrorOptions options, CancellationToken cancellationToken, IContentStore? store = null)
        where T : IContentFetcher, IManifestFetcher, IAccessPolicy
    {
        var logs = new CollectedLogs();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Logging.AddProvider(logs);
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IContentFetcher>(delivery).AddSingleton<IManifestFetcher>(delivery).AddSingleton<IAccessPolicy>(delivery);
        if (store is not null)
        {
            builder.Services.AddSingleton(store);
        }

        builder.Services.AddPierRegistry(options);
        var application = builder.Build();
        application.UseRouting();
        application.MapPierRegistry();
        if (store is not null)
        {
            application.MapPierWebSeeds();
        }

        await application.StartAsync(cancellationToken);
        return new RegistryServer(application, logs);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _application.DisposeAsync();
        Logs.Dispose();
    }
}
