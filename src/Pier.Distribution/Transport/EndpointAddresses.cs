using System.Net;
using Pier.Content.References;

namespace Pier.Distribution.Transport;

/// <summary>Where a registry is asked: as configured, else at its own name.</summary>
internal static class EndpointAddresses
{
    private const string HubHost = "registry-1.docker.io";

    /// <summary>
    /// The addresses in order. Without configuration: TLS at the registry's name, Docker Hub at its own host, and
    /// plain HTTP on loopback, as Docker does.
    /// </summary>
    public static IReadOnlyList<Uri> Of(string registry, RegistryOptions options)
    {
        if (options.Endpoints.Count > 0)
        {
            return options.Endpoints;
        }

        var host = registry == RepositoryName.DockerHub ? HubHost : registry;
        var scheme = options.PlainHttp || (IsLoopback(registry) && !options.SkipVerify && options.CaFile is null) ? "http" : "https";
        return [new Uri($"{scheme}://{host}/")];
    }

    /// <summary>True when an address is the registry's own rather than a mirror's.</summary>
    public static bool IsOwn(string registry, Uri address) =>
        string.Equals(address.Authority, registry, StringComparison.OrdinalIgnoreCase)
        || (registry == RepositoryName.DockerHub && address.Authority is HubHost or "index.docker.io");

    private static bool IsLoopback(string registry)
    {
        var host = new Uri($"http://{registry}/").IdnHost;
        return host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
    }
}
