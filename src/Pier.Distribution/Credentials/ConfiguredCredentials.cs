namespace Pier.Distribution.Credentials;

/// <summary>Credentials from Pier's own configuration, where a registry has them; else from the next source.</summary>
internal sealed class ConfiguredCredentials(UpstreamOptions options, ICredentialSource next) : ICredentialSource
{
    /// <inheritdoc/>
    public async ValueTask<CredentialLookup> FindAsync(string registry, CancellationToken cancellationToken)
    {
        if (!options.Registries.TryGetValue(registry, out var own) || own.User is null || own.SecretFile is null)
        {
            return await next.FindAsync(registry, cancellationToken);
        }

        try
        {
            var secret = await File.ReadAllTextAsync(own.SecretFile, cancellationToken);
            return new CredentialLookup(new RegistryCredential(own.User, secret.TrimEnd('\r', '\n')));
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return new CredentialLookup(null, $"the secret file cannot be read: {unreadable.Message}");
        }
    }
}
