using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Pier.Content.Contracts;
using Pier.Fetch.Backends;
using Pier.Fetch.Delivery;
using Pier.Fetch.Images;
using Pier.Fetch.Ladder;
using Pier.Fetch.Manifests;
using Pier.Fetch.Node;
using Pier.Fetch.Policy;
using Pier.Fetch.Prefetch;
using Pier.Fetch.Provisional;
using Pier.Fetch.Seeding;
using Pier.Fetch.Sources;
using Pier.Fetch.Sources.Swarms;
using Pier.Fetch.Status;
using Pier.Fetch.Supplies;
using Pier.Fetch.Trees;
using Pier.Fetch.Upstreams;
using Pier.Fetch.Uris;
using Pier.Membership.NodePort;
using Pier.Store.Eviction;
using Pier.Store.Tags;

namespace Pier.Fetch;

/// <summary>Puts delivery into a host's services.</summary>
public static class FetchRegistration
{
    /// <summary>
    /// Adds <see cref="IContentFetcher"/>, <see cref="IManifestFetcher"/>, <see cref="IAccessPolicy"/>,
    /// <see cref="INodeContent"/>, <see cref="DeliveryStatus"/>, <see cref="ImagePull"/>, <see cref="UriFetch"/> and the service that owns their loops. The rooms of
    /// floor 1 are the host's to add: the store with its partial blobs, tags and swarm records, the BitTorrent engine,
    /// the upstream clients, membership, and a <see cref="TimeProvider"/>.
    /// </summary>
    public static IServiceCollection AddPierFetch(this IServiceCollection services, FetchOptions options)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        services.AddSingleton(options);
        services.AddSingleton<IUpstream, RegistryUpstream>();
        services.AddSingleton<UpstreamHealth>();

        services.AddSingleton(provider => new AccessRecords(
            options.AccessFolder, provider.GetRequiredService<ILogger<AccessRecords>>()));
        services.AddSingleton<AccessPolicy>();
        services.AddSingleton<IAccessPolicy>(provider => provider.GetRequiredService<AccessPolicy>());
        services.AddSingleton<IBlobProofs>(provider => provider.GetRequiredService<AccessPolicy>());
        services.AddSingleton<IShareRights>(provider => provider.GetRequiredService<AccessPolicy>());

        services.AddSingleton<RendezvousNames>();
        services.AddSingleton<Visibility>();
        services.AddSingleton<TagMemory>();
        services.AddSingleton<ManifestShelf>();
        services.AddSingleton<ReferrersMemory>();
        services.AddSingleton<ReferrersFetcher>();
        services.AddSingleton<ManifestFetcher>();
        services.AddSingleton<IManifestFetcher>(provider => provider.GetRequiredService<ManifestFetcher>());
        services.AddSingleton(provider => new TagDesk(
            provider.GetRequiredService<ManifestFetcher>(), provider.GetRequiredService<TagStore>(), provider.GetRequiredService<TimeProvider>()));

        services.AddSingleton<Seeder>();
        services.AddSingleton<ISealedBlobs>(provider => provider.GetRequiredService<Seeder>());
        services.AddSingleton<ITorrentNotes>(provider => provider.GetRequiredService<Seeder>());

        services.AddSingleton<ProvisionalDesk>();
        services.AddSingleton<ISwarmSources, SwarmSources>();
        services.AddSingleton<ISourceFinder, SourceFinder>();
        services.AddSingleton<IBlobSizes, SourceSizes>();
        services.AddSingleton<SourceBans>();
        services.AddMetrics();
        services.AddSingleton(provider => new FetchTelemetry(provider.GetRequiredService<IMeterFactory>()));
        services.AddSingleton(provider => new FetchHistory(provider.GetRequiredService<FetchTelemetry>()));
        services.AddSingleton<FetchParts>();
        services.AddSingleton<FetchTable>();
        services.AddSingleton<ContentFetcher>();
        services.AddSingleton<IContentFetcher>(provider => provider.GetRequiredService<ContentFetcher>());
        services.AddSingleton<Prefetcher>();
        services.AddSingleton<IPrefetch>(provider => provider.GetRequiredService<Prefetcher>());
        services.AddSingleton<INodeContent, NodeContent>();
        services.AddSingleton<ICopies, MemberCopies>();

        services.AddSingleton(provider => new DeliveryStatus(
            provider.GetRequiredService<FetchTable>(), provider.GetRequiredService<FetchHistory>()));
        services.AddSingleton(provider => new ImagePull(
            provider.GetRequiredService<IManifestFetcher>(),
            provider.GetRequiredService<ContentFetcher>(),
            provider.GetRequiredService<IContentStore>(),
            provider.GetRequiredService<DeliveryStatus>(),
            options,
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<WebClient>();
        services.AddSingleton<ImageFiles>();
        services.AddSingleton<ImageUnpack>();
        services.AddSingleton<DigestDownload>();
        services.AddSingleton<SharedSwarms>();
        services.AddSingleton<BlobLenders>();
        services.AddSingleton<TorrentSpecs>();
        services.AddSingleton<IUriHandler>(provider => provider.GetRequiredService<DigestDownload>());
        services.AddSingleton<IUriHandler, TorrentDownload>();
        services.AddSingleton<IUriHandler, WebDownload>();
        services.AddSingleton<IUriHandler, ImageDownload>();
        services.AddSingleton<BackendHomes>();
        services.AddSingleton<IUriHandler, BackendDownload>();
        services.AddSingleton<ITreeHandler, TorrentTrees>();
        services.AddSingleton<ITreeHandler, BlobTrees>();
        services.AddSingleton<ITreeHandler, CopiedTrees>();
        services.AddSingleton<ITreeFetcher, TreeFetcher>();
        services.AddSingleton(provider => new UriFetch(
            provider.GetServices<IUriHandler>(), provider.GetRequiredService<ILogger<UriFetch>>()));

        services.AddSingleton(provider => new SupplyRecords(options.SupplyFolder, provider.GetRequiredService<ILogger<SupplyRecords>>()));
        services.AddSingleton<SupplyValidators>();
        services.AddSingleton<SupplyAccess>();
        services.AddSingleton<SupplyMaker>();
        services.AddSingleton<SupplyDesk>();
        services.AddSingleton<IContentSupply>(provider => provider.GetRequiredService<SupplyDesk>());

        services.AddSingleton(provider => new DeliveryService(
            provider.GetRequiredService<FetchTable>(),
            provider.GetRequiredService<Seeder>(),
            provider.GetRequiredService<ProvisionalDesk>(),
            provider.GetRequiredService<Prefetcher>(),
            new HistoryFile(
                options.HistoryFile,
                provider.GetRequiredService<FetchHistory>(),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<HistoryFile>>()),
            provider.GetRequiredService<AccessPolicy>(),
            provider.GetRequiredService<ContentFetcher>()));
        // First: what a killed daemon left unfinished is looked at once nobody writes there any more.
        services.AddHostedService(provider => provider.GetRequiredService<BackendHomes>());
        services.AddHostedService<MembersAsPeers>();
        services.AddHostedService(provider => provider.GetRequiredService<DeliveryService>());
        services.AddHostedService(provider => provider.GetRequiredService<SupplyDesk>());
        services.TryAddSingleton(TimeProvider.System);
        return services;
    }
}
