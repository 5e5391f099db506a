using System.Collections.ObjectModel;

namespace Pier.Distribution;

/// <summary>Everything that upstreams can be told from outside.</summary>
public sealed record UpstreamOptions
{
    /// <summary>Registries by name (<c>docker.io</c>, <c>registry.lan:5000</c>); one that is missing has the defaults.</summary>
    public IReadOnlyDictionary<string, RegistryOptions> Registries { get; init; } = ReadOnlyDictionary<string, RegistryOptions>.Empty;

    /// <summary>Docker configuration files to take credentials from, in order; null for <c>DOCKER_CONFIG</c>, the home folder and root's.</summary>
    public IReadOnlyList<string>? DockerConfigFiles { get; init; }

    /// <summary>Longest wait for a TCP connection.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest wait from request to headers, connecting included.</summary>
    public TimeSpan HeaderTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Longest time in which a body may bring no byte.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest wait on behalf of an address that wants to be left alone (429) or is at its <see cref="RequestRate"/>.</summary>
    public TimeSpan RatePatience { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>Pauses before a request is sent again that failed by the server's own account, one for each further try.</summary>
    public IReadOnlyList<TimeSpan> RetryPauses { get; init; } = [TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(600)];

    /// <summary>How long credentials are kept before Docker's configuration is read again.</summary>
    public TimeSpan CredentialLifetime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest run of a credential helper.</summary>
    public TimeSpan HelperTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>What the <c>User-Agent</c> header says.</summary>
    public string UserAgent { get; init; } = "pier/0.1";

    /// <summary>
    /// The name under which requests are signed in <c>Via</c> (RFC 9110 §7.6.3), so that this node knows its own when
    /// they come back to it; null for no signature.
    /// </summary>
    public string? Pseudonym { get; init; }
}
