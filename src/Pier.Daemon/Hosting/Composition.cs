using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pier.BitTorrent.Engine;
using Pier.Content.Contracts;
using Pier.Daemon.Cache;
using Pier.Daemon.Containers;
using Pier.Daemon.Control;
using Pier.Daemon.Downloads;
using Pier.Daemon.Http;
using Pier.Daemon.Images;
using Pier.Daemon.Listeners;
using Pier.Daemon.Metrics;
using Pier.Daemon.Nodes;
using Pier.Daemon.Options;
using Pier.Daemon.Seeds;
using Pier.Daemon.Tracking;
using Pier.Distribution;
using Pier.Fetch;
using Pier.Fetch.Uris;
using Pier.Membership;
using Pier.Registry;
using Pier.Store.Blobs;
using Pier.Store.Borrowed;
using Pier.Store.Disk;
using Pier.Store.Eviction;
using Pier.Store.Partial;
using Pier.Store.Repositories;
using Pier.Store.Swarms;
using Pier.Store.Tags;
using Pier.Store.Uploads;
using Pier.Volumes;
using Pier.Volumes.Driver;

namespace Pier.Daemon.Hosting;

/// <summary>Puts the rooms together: which options each gets, in which order their loops start, and what stands behind which door.</summary>
internal static class Composition
{
    /// <summary>True when other hosts are to reach the BitTorrent port: in a cluster, or when announcing to everybody.</summary>
    public static bool ServesOthers(DaemonOptions options, StateFolder state) =>
        options.Join is not null || options.Announce == AnnouncePolicy.Public || Directory.Exists(state.Below("cluster"));

    /// <summary>Registers every room. Hosted services start in this order and stop in reverse, the web server first of all.</summary>
    public static void AddRooms(IServiceCollection services, DaemonOptions options, ListenerPlan plan, StateFolder state)
    {
        services.AddSingleton(options);
        services.AddSingleton(plan);
        services.AddSingleton(new HostNames(options.Advertise is { } name ? [name, .. options.Hosts] : options.Hosts));
        services.AddSingleton(_ => ControlToken.Open(state.Path));
        services.AddSingleton<Drain>();

        AddStore(services, options, state);
        services.AddSingleton(provider => new BitTorrentEngine(
            RoomOptions.BitTorrent(options, plan, state, address => provider.GetRequiredService<MemberAddresses>().Contains(address)),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILoggerFactory>()));
        services.AddHostedService<EngineService>();
        services.AddSingleton(provider => new UpstreamClients(
            RoomOptions.Upstreams(options), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<UpstreamClients>>()));
        // Before delivery, which seeds only what is public by the rules of today.
        services.AddSingleton<IContentSharing>(provider => provider.GetRequiredService<DeliveryService>());
        services.AddPierRegistry(RoomOptions.Registry(options, state));
        services.AddPierFetch(RoomOptions.Fetch(options, state));
        services.AddPierMembership(RoomOptions.Membership(options, plan, state));

        TrackerRegistration.Add(services, options);
        services.AddSingleton<MemberAddresses>();
        services.AddSingleton<SwarmNames>();
        services.AddSingleton<LimitsDesk>();
        services.AddSingleton<OwnAddress>();
        services.AddSingleton<OwnTracker>();
        services.AddSingleton<Magnets>();
        services.AddSingleton<ClusterDoor>();
        services.AddSingleton<StatusReport>();
        services.AddSingleton<MeterReader>();
        // Listens before anything is measured.
        services.AddHostedService(provider => provider.GetRequiredService<MeterReader>());
        services.AddSingleton<NodeChecks>();
        services.AddSingleton<SwarmDetails>();
        services.AddSingleton<ImageCatalog>();
        services.AddSingleton<Removal>();
        services.AddSingleton<CacheDesk>();
        services.AddSingleton<CacheCheck>();
        services.AddSingleton(provider => new SeedFolder(state.Below("seeds"), provider.GetRequiredService<ILogger<SeedFolder>>()));
        services.AddSingleton(provider => new DownloadDesk(
            state.Below("downloads"), provider.GetRequiredService<UriFetch>(), provider.GetRequiredService<IContentStore>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<DownloadDesk>>()));
        services.AddHostedService(provider => provider.GetRequiredService<DownloadDesk>());
        services.AddSingleton(options.WarmUp);
        services.AddHostedService<WarmUpService>();
        services.AddHostedService<ShippedImage>();
        // Before volumes: what this node seeds itself is shown from where it lies.
        services.AddSingleton<SeedLibrary>();
        services.AddHostedService(provider => provider.GetRequiredService<SeedLibrary>());
        // After seeds, and before anybody can make a snapshot.
        services.AddHostedService<SnapshotSweep>();
        services.AddPierVolumes(state.Below("volumes"), options.VolumeMounts, RoomOptions.Keeping(options, state));
        services.AddHostedService<BorrowingService>();
        services.AddSingleton<DataPlaces>();
        services.AddSingleton<ContainerSeeds>();
        services.AddHostedService<ContainerWatch>();
    }

    /// <summary>What registry clients reach.</summary>
    public static void MapRegistry(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPierRegistry();
        endpoints.MapPierWebSeeds();
        endpoints.MapPierSupplies();
        TrackerEndpoints.Map(endpoints);
    }

    /// <summary>What engines reach that want volumes.</summary>
    public static void MapDriver(IEndpointRouteBuilder endpoints) => endpoints.MapVolumeDriver();

    /// <summary>What the CLI, monitors and operators reach.</summary>
    public static void MapControl(IEndpointRouteBuilder endpoints)
    {
        HealthEndpoints.Map(endpoints);
        StatusEndpoints.Map(endpoints);
        ImageEndpoints.Map(endpoints);
        BlobEndpoints.Map(endpoints);
        CacheEndpoints.Map(endpoints);
        PullEndpoint.Map(endpoints);
        SeedEndpoints.Map(endpoints);
        DownloadEndpoints.Map(endpoints);
        VolumeEndpoints.Map(endpoints);
        ClusterEndpoints.Map(endpoints);
        LimitsEndpoints.Map(endpoints);
        TrackerStatusEndpoints.Map(endpoints);
        TagEndpoints.Map(endpoints);
        SwarmEndpoints.Map(endpoints);
        CheckEndpoints.Map(endpoints);
    }

    private static void AddStore(IServiceCollection services, DaemonOptions options, StateFolder state)
    {
        services.AddSingleton(provider => new BorrowedBlobs(options.Adopt, state.Below("borrowed.json"), provider.GetRequiredService<ILogger<BorrowedBlobs>>()));
        services.AddSingleton(provider => new FileContentStore(
            state.Blobs, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<FileContentStore>>())
        {
            Borrowed = provider.GetRequiredService<BorrowedBlobs>(),
        });
        services.AddSingleton<IContentStore>(provider => provider.GetRequiredService<FileContentStore>());
        services.AddSingleton(provider => new PartialBlobs(
            state.Partial, provider.GetRequiredService<FileContentStore>(), new PartialBlobOptions(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<PartialBlobs>>()));
        services.AddSingleton(RoomOptions.Quota(options));
        services.AddSingleton<Evictor>();
        services.AddHostedService<EvictionService>();
        services.AddSingleton(provider => new TagStore(state.Tags, provider.GetRequiredService<ILogger<TagStore>>()));
        services.AddSingleton(provider => new LocalRepositories(
            state.Repositories, provider.GetRequiredService<IContentStore>(), provider.GetRequiredService<ILogger<LocalRepositories>>()));
        services.AddSingleton(provider => new Uploads(
            state.Uploads, provider.GetRequiredService<FileContentStore>(), new UploadOptions(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<Uploads>>()));
        services.AddSingleton(provider => new SwarmRecords(state.Swarms, provider.GetRequiredService<ILogger<SwarmRecords>>()));
    }
}
