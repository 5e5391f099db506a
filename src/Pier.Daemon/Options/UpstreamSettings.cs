using System.Collections.ObjectModel;
using Pier.Distribution;

namespace Pier.Daemon.Options;

/// <summary>How one registry is reached and treated; null is the default.</summary>
internal sealed record UpstreamSettings
{
    /// <summary>Base URLs, tried in this order; empty for the registry itself over HTTPS.</summary>
    public IReadOnlyList<string> Endpoints { get; init; } = [];

    /// <summary>Beginnings of repository names and what stands for them in requests.</summary>
    public IReadOnlyDictionary<string, string> Rewrites { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Plain HTTP to the registry's own address.</summary>
    public bool PlainHttp { get; init; }

    /// <summary>Accept any certificate.</summary>
    public bool SkipVerify { get; init; }

    /// <summary>Send clients' own logins to the endpoints too.</summary>
    public bool TakesLogins { get; init; }

    /// <summary>A PEM file of certificate authorities to trust instead of the system's.</summary>
    public string? CaFile { get; init; }

    /// <summary>A PEM file of the certificate to show.</summary>
    public string? ClientCertificate { get; init; }

    /// <summary>The PEM file of its key; null when it stands in the same file.</summary>
    public string? ClientKey { get; init; }

    /// <summary>User name; null to look into Docker's configuration.</summary>
    public string? User { get; init; }

    /// <summary>A file that holds the password or token.</summary>
    public string? SecretFile { get; init; }

    /// <summary>What follows <c>docker-credential-</c> in a helper's name.</summary>
    public string? CredentialHelper { get; init; }

    /// <summary>A program with its arguments that answers as helpers do; empty for none.</summary>
    public IReadOnlyList<string> CredentialCommand { get; init; } = [];

    /// <summary>Most requests to each address.</summary>
    public RequestRate? RequestRate { get; init; }

    /// <summary>Longest wait for a connection.</summary>
    public TimeSpan? ConnectTimeout { get; init; }

    /// <summary>Longest wait for an answer's headers.</summary>
    public TimeSpan? AnswerTimeout { get; init; }

    /// <summary>Longest silence in the middle of a body.</summary>
    public TimeSpan? StallTimeout { get; init; }

    /// <summary>How long the answer for a tag is believed without asking again.</summary>
    public TimeSpan TagFreshness { get; init; }

    /// <summary>Who learns which public blobs of it are here; null as for all.</summary>
    public AnnouncePolicy? Announce { get; init; }
}
