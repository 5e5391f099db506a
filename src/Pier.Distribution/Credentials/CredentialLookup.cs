namespace Pier.Distribution.Credentials;

/// <summary>What a search for credentials found.</summary>
/// <param name="Credential">The credential, or null to ask without.</param>
/// <param name="Fault">Why a place could not be searched, for the message should the registry refuse; else null.</param>
public sealed record CredentialLookup(RegistryCredential? Credential, string? Fault = null)
{
    /// <summary>Nothing found, nothing wrong.</summary>
    public static CredentialLookup None { get; } = new((RegistryCredential?)null);
}
