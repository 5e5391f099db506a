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

namespace Pier.UnitTests.Registry;

/// <summary>The registry door on a real Kestrel, with delivery faked.</summary>
internal sealed class RegistryServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private RegistryServer(WebApplication application, CollectedLogs logs)
    {
        _application = application;
        Logs = logs;
        Address = new Uri(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        Http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { BaseAddress = Address };
    }

    public Uri Address { get; }

    public HttpClient Http { get; }

    public CollectedLogs Logs { get; }

    public static async Task<RegistryServer> StartAsync(FakeDelivery delivery, MirrorOptions options, CancellationToken cancellationToken)
    {
        var logs = new CollectedLogs();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Logging.AddProvider(logs);
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IContentFetcher>(delivery).AddSingleton<IManifestFetcher>(delivery).AddSingleton<IAccessPolicy>(delivery);
        builder.Services.AddPierRegistry(options);
        var application = builder.Build();
        application.UseRouting();
        application.MapPierRegistry();
        await application.StartAsync(cancellationToken);
        return new RegistryServer(application, logs);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _application.DisposeAsync();
        Logs.Dispose();
    }
}
