using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Registry;
using Pier.Store.Blobs;
using Pier.Store.Repositories;
using Pier.Store.Tags;
using Pier.Store.Uploads;
using Pier.TestKit.Files;
using Pier.TestKit.Logging;

namespace Pier.TestKit.Registry;

/// <summary>The registry door on a Kestrel of the test's own process, over whatever delivery the test gives it.</summary>
public sealed class RegistryServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly TempFolder _folder;

    private RegistryServer(WebApplication application, CollectedLogs logs, TempFolder folder)
    {
        _application = application;
        _folder = folder;
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

        if (delivery is IContentSupply supply)
        {
            builder.Services.AddSingleton(supply);
        }

        var folder = TempFolder.Create("registry");
        builder.Services.AddSingleton(TimeProvider.System)
            .AddSingleton<IContentSharing, NoSharing>()
            .AddSingleton<IPrefetch, NoPrefetch>()
            .AddSingleton(provider => new FileContentStore(folder.Below("blobs"), TimeProvider.System, provider.GetRequiredService<ILogger<FileContentStore>>()))
            .AddSingleton(provider => new TagStore(folder.Below("tags"), provider.GetRequiredService<ILogger<TagStore>>()))
            .AddSingleton(provider => new LocalRepositories(
                folder.Below("repositories"), provider.GetRequiredService<FileContentStore>(), provider.GetRequiredService<ILogger<LocalRepositories>>()))
            .AddSingleton(provider => new Uploads(
                folder.Below("uploads"), provider.GetRequiredService<FileContentStore>(), new UploadOptions(), TimeProvider.System, provider.GetRequiredService<ILogger<Uploads>>()));
        if (store is null)
        {
            builder.Services.AddSingleton<IContentStore>(provider => provider.GetRequiredService<FileContentStore>());
        }

        builder.Services.AddPierRegistry(options);
        var application = builder.Build();
        application.UseRouting();
        application.MapPierRegistry();
        if (store is not null)
        {
            application.MapPierWebSeeds();
        }

        if (delivery is IContentSupply)
        {
            application.MapPierSupplies();
        }

        await application.StartAsync(cancellationToken);
        return new RegistryServer(application, logs, folder);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _application.DisposeAsync();
        await _folder.DisposeAsync();
        Logs.Dispose();
    }

    private sealed class NoPrefetch : IPrefetch
    {
        public void Saw(RepositoryName repository, ManifestDocument manifest)
        {
            // Nothing is fetched.
        }

        public IDisposable? Take(RepositoryName repository, Digest blob) => null;
    }

    private sealed class NoSharing : IContentSharing
    {
        public void Offer(BlobInfo blob)
        {
            // There is no swarm.
        }
    }
}
