using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Pier.Registry.Access;
using Pier.Registry.Endpoints;
using Pier.Registry.Errors;
using Pier.Registry.Local;
using Pier.Registry.Supplies;
using Pier.Store.Repositories;
using Pier.Store.Tags;
using Pier.Content.Contracts;
using Microsoft.AspNetCore.Http;
using Pier.Api.Supplies;

namespace Pier.Registry;

/// <summary>Puts the registry door into a host.</summary>
public static class MirrorRegistration
{
    /// <summary>Where blobs are served as web seeds (BEP 19): followed by the 64 hex digits that name the blob's torrent.</summary>
    public const string WebSeedPath = "/webseed/";

    /// <summary>
    /// Adds the door's services. The host adds <c>IContentFetcher</c>, <c>IManifestFetcher</c>, <c>IAccessPolicy</c> and
    /// <c>IContentSharing</c>, the store with its tags, repositories and uploads, and a <see cref="TimeProvider"/>, and sets Kestrel's data rates and body limit off and its response buffer to 4 MiB (facts of the room's README).
    /// </summary>
    public static IServiceCollection AddPierRegistry(this IServiceCollection services, MirrorOptions options) => services
        .AddSingleton(options)
        .AddSingleton<BlobEndpoint>()
        .AddSingleton<ManifestEndpoint>()
        .AddSingleton<TagsEndpoint>()
        .AddSingleton<MirroredReferrersEndpoint>()
        .AddSingleton<AccessRules>()
        .AddSingleton<Logins>()
        .AddSingleton<Tokens>()
        .AddSingleton(provider => new Lazy<Tokens>(provider.GetRequiredService<Tokens>))
        .AddSingleton<AccessGate>()
        .AddSingleton<OwnLogins>()
        .AddSingleton<TokenEndpoint>()
        .AddSingleton<LocalContent>()
        .AddSingleton<LocalBlobEndpoint>()
        .AddSingleton<BlobMount>()
        .AddSingleton<UploadBody>()
        .AddSingleton<UploadEndpoint>()
        .AddSingleton<LocalManifestEndpoint>()
        .AddSingleton<ManifestPush>()
        .AddSingleton<LocalTagsEndpoint>()
        .AddSingleton<ReferrersEndpoint>()
        .AddSingleton<CatalogEndpoint>()
        .AddSingleton<LocalEndpoints>()
        .AddSingleton(provider => new LocalImages(
            provider.GetRequiredService<LocalRepositories>(), provider.GetRequiredService<LocalContent>(),
            provider.GetRequiredService<TagStore>(), provider.GetRequiredService<IContentStore>()))
        .AddHostedService<LocalUpkeep>()
        .AddSingleton<WebSeedEndpoint>()
        .AddSingleton<SupplyEndpoint>()
        .AddSingleton<RegistryEndpoints>()
        .AddMetrics()
        .AddSingleton<RegistryTelemetry>()
        .AddSingleton<ErrorFilter>();

    /// <summary>Maps everything below <c>/v2</c> (OCI distribution-spec v1.1, "Endpoints"), and the token service.</summary>
    public static IEndpointConventionBuilder MapPierRegistry(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var filter = endpoints.ServiceProvider.GetRequiredService<ErrorFilter>();
        var registry = endpoints.ServiceProvider.GetRequiredService<RegistryEndpoints>();
        var tokens = endpoints.ServiceProvider.GetRequiredService<TokenEndpoint>();
        endpoints.MapMethods(AccessGate.TokenPath, ["GET"], context => filter.InvokeAsync(context, tokens.AnswerAsync));
        return endpoints.Map("/v2/{**path}", context => filter.InvokeAsync(context, registry.InvokeAsync));
    }

    /// <summary>Maps sealed blobs by their names below <see cref="WebSeedPath"/>; the host adds <c>IContentStore</c>.</summary>
    public static IEndpointConventionBuilder MapPierWebSeeds(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var filter = endpoints.ServiceProvider.GetRequiredService<ErrorFilter>();
        var seeds = endpoints.ServiceProvider.GetRequiredService<WebSeedEndpoint>();
        return endpoints.MapMethods(
            WebSeedPath + "{name}",
            ["GET", "HEAD"],
            context => filter.InvokeAsync(context, asked => seeds.AnswerAsync(asked, (string?)asked.Request.RouteValues["name"] ?? "")));
    }

    /// <summary>Maps what builds ask with <c>PIER</c> (<see cref="SupplyAddresses"/>); the host adds <c>IContentSupply</c>.</summary>
    public static void MapPierSupplies(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var filter = endpoints.ServiceProvider.GetRequiredService<ErrorFilter>();
        var supplies = endpoints.ServiceProvider.GetRequiredService<SupplyEndpoint>();
        endpoints.MapMethods(SupplyAddresses.Resolve, ["GET"], context => filter.InvokeAsync(context, Guarded(supplies.ResolveAsync)));
        endpoints.MapMethods(SupplyAddresses.Data + "{digest}", ["GET", "HEAD"], context => filter.InvokeAsync(context, Guarded(supplies.SendAsync)));
    }

    private static RequestDelegate Guarded(RequestDelegate next) => context => SupplyEndpoint.IsFromEngine(context)
        ? next(context)
        : throw new ContentDeniedException("Only engines of this host fetch for builds here: no other hosts, no web pages.");
}
