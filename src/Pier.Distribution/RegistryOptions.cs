using System.Collections.ObjectModel;

namespace Pier.Distribution;

/// <summary>How one registry is reached; every field has a default that suits a public registry.</summary>
public sealed record RegistryOptions
{
    /// <summary>
    /// Addresses to ask in order, such as a regional mirror before the registry; empty for the registry itself. What follows
    /// <c>/v2/</c> in an address goes before the names of repositories there.
    /// </summary>
    public IReadOnlyList<Uri> Endpoints { get; init; } = [];

    /// <summary>Speak plain HTTP to the registry's own address.</summary>
    public bool PlainHttp { get; init; }

    /// <summary>Accept any certificate. Content is still proved by digest; tags and credentials are not protected.</summary>
    public bool SkipVerify { get; init; }

    /// <summary>A PEM file of certificate authorities to trust instead of the system's, or null.</summary>
    public string? CaFile { get; init; }

    /// <summary>User name; null to look into Docker's configuration.</summary>
    public string? User { get; init; }

    /// <summary>A file that holds the password or token, read at each use; its last line break is ignored.</summary>
    public string? SecretFile { get; init; }

    /// <summary>What follows <c>docker-credential-</c> in the name of a program that knows the credentials, or null.</summary>
    public string? CredentialHelper { get; init; }

    /// <summary>A program with its arguments that answers as credential helpers do; empty for none.</summary>
    public IReadOnlyList<string> CredentialCommand { get; init; } = [];

    /// <summary>Send clients' own logins for the registry to <see cref="Endpoints"/> too, though those have other names.</summary>
    public bool TakesLogins { get; init; }

    /// <summary>A PEM file of the certificate, chain included, that the registry wants to see, or null.</summary>
    public string? ClientCertificateFile { get; init; }

    /// <summary>The PEM file of its key; null when it stands in the same file.</summary>
    public string? ClientKeyFile { get; init; }

    /// <summary>Beginnings of repository names and what stands for them in requests; of those that fit the longest counts.</summary>
    public IReadOnlyDictionary<string, string> Rewrites { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Most requests that are sent to each of its addresses; null for no bound.</summary>
    public RequestRate? Rate { get; init; }

    /// <summary>Longest wait for a TCP connection; null for the common one.</summary>
    public TimeSpan? ConnectTimeout { get; init; }

    /// <summary>Longest wait from request to headers; null for the common one.</summary>
    public TimeSpan? HeaderTimeout { get; init; }

    /// <summary>Longest time in which a body may bring no byte; null for the common one.</summary>
    public TimeSpan? StallTimeout { get; init; }

    /// <summary>True when credentials are said here, so that no other place is searched.</summary>
    public bool HasCredentials => User is not null || CredentialHelper is not null || CredentialCommand.Count > 0;
}
