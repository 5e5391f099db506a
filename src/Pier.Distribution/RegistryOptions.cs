namespace Pier.Distribution;

/// <summary>How one registry is reached; every field has a default that suits a public registry.</summary>
public sealed record RegistryOptions
{
    /// <summary>Addresses to ask in order, such as a regional mirror before the registry; empty for the registry itself.</summary>
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
}
