namespace Pier.Distribution.Credentials;

/// <summary>Credentials from Pier's own configuration, where a registry has them: a secret file, a helper or a command; else from the next source.</summary>
internal sealed class ConfiguredCredentials(UpstreamOptions options, CredentialHelper helper, ICredentialSource next) : ICredentialSource
{
    /// <inheritdoc/>
    public async ValueTask<CredentialLookup> FindAsync(string registry, CancellationToken cancellationToken) =>
        options.Registries.GetValueOrDefault(registry) switch
        {
            { User: { } user, SecretFile: { } file } => await ReadAsync(user, file, cancellationToken),
            { CredentialHelper: { } name } => await helper.GetAsync(name, DockerCredentials.ServerOf(registry), cancellationToken),
            { CredentialCommand: { Count: > 0 } command } => await helper.RunAsync(command, DockerCredentials.ServerOf(registry), cancellationToken),
            _ => await next.FindAsync(registry, cancellationToken),
        };

    private static async Task<CredentialLookup> ReadAsync(string user, string file, CancellationToken cancellationToken)
    {
        try
        {
            var secret = await File.ReadAllTextAsync(file, cancellationToken);
            return new CredentialLookup(new RegistryCredential(user, secret.TrimEnd('\r', '\n')));
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return new CredentialLookup(null, $"the secret file cannot be read: {unreadable.Message}");
        }
    }
}
