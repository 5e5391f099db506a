using Microsoft.Extensions.DependencyInjection;
using Pier.BitTorrent.Tracking;
using Pier.Daemon.Nodes;
using Pier.Daemon.Options;

namespace Pier.Daemon.Tracking;

/// <summary>Registers the embedded tracker, unless it is off.</summary>
internal static class TrackerRegistration
{
    /// <summary>Registers it.</summary>
    public static void Add(IServiceCollection services, DaemonOptions options)
    {
        services.AddSingleton<TrackerReport>();
        if (options.Tracker == TrackerScope.Off)
        {
            return;
        }
        services.AddSingleton(provider => new SwarmRegistry(
            new SwarmRegistryOptions { IsMember = provider.GetRequiredService<MemberAddresses>().Contains },
            provider.GetRequiredService<TimeProvider>(),
            Random.Shared));
        services.AddSingleton<TrackerDesk>();
        services.AddSingleton(provider => new Tracker(
            provider.GetRequiredService<SwarmRegistry>(),
            provider.GetRequiredService<TrackerDesk>(),
            new AnnounceKeys(options.TrackerKeys),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<HttpTrackerServer>();
        services.AddHostedService<TrackerService>();
    }
}
