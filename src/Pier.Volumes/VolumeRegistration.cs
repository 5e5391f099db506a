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
    public static IServiceCollection AddPierVolumes(this IServiceCollection services, string folder, KeepingOptions keeping)
    {
        services.AddSingleton(provider => new MountKeeping(keeping, provider.GetRequiredService<ILogger<MountKeeping>>()));
        services.AddSingleton<IVolumeMounts, FuseMounts>();
        services.AddSingleton(provider => new VolumeShelf(
            folder, provider.GetRequiredService<ITreeFetcher>(), provider.GetRequiredService<IVolumeMounts>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<VolumeShelf>>()));
        services.AddHostedService(provider => provider.GetRequiredService<VolumeShelf>());
        return services;
    }
}
