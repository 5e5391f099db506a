using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pier.Content.Contracts;
using Pier.Daemon.Control;
using Pier.Daemon.Http;
using Pier.Daemon.Listeners;
using Pier.Daemon.Options;
using Pier.Store.Blobs;
using Pier.Store.Disk;
using Pier.Store.Swarms;
using Pier.Store.Tags;

namespace Pier.Daemon.Hosting;

/// <summary>Puts the rooms together: which options each gets, and which endpoints stand behind which door.</summary>
internal static class Composition
{
    /// <summary>True when other hosts are to reach the BitTorrent port: in a cluster, or when announcing to everybody.</summary>
    public static bool ServesOthers(DaemonOptions options, StateFolder state) =>
        options.Join is not null || options.Announce == AnnouncePolicy.Public || Directory.Exists(state.Below("cluster"));

    /// <summary>Registers every room.</summary>
    public static void AddRooms(IServiceCollection services, DaemonOptions options, ListenerPlan plan, StateFolder state)
    {
        services.AddSingleton(options);
        services.AddSingleton(plan);
        services.AddSingleton(new HostNames(options.Advertise is { } name ? [name, .. options.Hosts] : options.Hosts));
        services.AddSingleton(_ => ControlToken.Open(state.Path));
        services.AddSingleton<Drain>();

        services.AddSingleton(provider => new FileContentStore(
            state.Blobs, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<FileContentStore>>()));
        services.AddSingleton<IContentStore>(provider => provider.GetRequiredService<FileContentStore>());
        services.AddSingleton(provider => new TagStore(state.Tags, provider.GetRequiredService<ILogger<TagStore>>()));
        services.AddSingleton(provider => new SwarmRecords(state.Swarms, provider.GetRequiredService<ILogger<SwarmRecords>>()));
    }

    /// <summary>What registry clients reach.</summary>
    public static void MapRegistry(IEndpointRouteBuilder endpoints)
    {
    }

    /// <summary>What the CLI, monitors and operators reach.</summary>
    public static void MapControl(IEndpointRouteBuilder endpoints)
    {
        HealthEndpoints.Map(endpoints);
    }
}
