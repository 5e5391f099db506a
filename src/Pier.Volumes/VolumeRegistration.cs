using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pier.Content.Contracts;
using Pier.Volumes.Keeping;
using Pier.Volumes.Shelf;

namespace Pier.Volumes;

/// <summary>Registers the room.</summary>
public static class VolumeRegistration
{
    /// <summary>Adds volumes that are kept in a folder; they need an <see cref="ITreeFetcher"/>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="folder">Where they are kept.</param>
    /// <param name="mounts">Where they are mounted, each in a folder of its name; null for the place where it is kept.</param>
    /// <param name="keeping">How mounts outlive the daemon.</param>
    public static IServiceCollection AddPierVolumes(this IServiceCollection services, string folder, string? mounts, KeepingOptions keeping)
    {
        services.AddSingleton(provider => new MountKeeping(keeping, provider.GetRequiredService<ILogger<MountKeeping>>()));
        services.AddSingleton<IVolumeMounts, FuseMounts>();
        services.AddSingleton(provider => new VolumeShelf(
            folder, mounts, provider.GetRequiredService<ITreeFetcher>(), provider.GetRequiredService<IVolumeMounts>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<VolumeShelf>>()));
        services.AddHostedService(provider => provider.GetRequiredService<VolumeShelf>());
        return services;
    }
}
