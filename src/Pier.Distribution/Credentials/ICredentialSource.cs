namespace Pier.Distribution.Credentials;

/// <summary>Where the credentials of a registry come from.</summary>
public interface ICredentialSource
{
    /// <summary>The credential for a registry by its name (<c>docker.io</c>); a place that fails is told, not thrown.</summary>
    ValueTask<CredentialLookup> FindAsync(string registry, CancellationToken cancellationToken);
}
