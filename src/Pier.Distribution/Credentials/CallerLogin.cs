using System.Security.Cryptography;
using System.Text;
using Pier.Content.References;

namespace Pier.Distribution.Credentials;

/// <summary>
/// The credentials that a client brought with its own request for one repository. They stand in for this node's in whatever that
/// request starts, and flow with it; no other request, and no other repository, sees them.
/// </summary>
public sealed class CallerLogin
{
    private static readonly AsyncLocal<CallerLogin?> Flowing = new();
    private static readonly byte[] MarkKey = RandomNumberGenerator.GetBytes(32);

    /// <summary>A login for a repository.</summary>
    public CallerLogin(RepositoryName repository, RegistryCredential credential)
    {
        ArgumentNullException.ThrowIfNull(repository);
        ArgumentNullException.ThrowIfNull(credential);
        Repository = repository;
        Credential = credential;
        Mark = Convert.ToHexString(HMACSHA256.HashData(MarkKey, Encoding.UTF8.GetBytes($"{credential.User}\0{credential.Secret}")));
    }

    /// <summary>The login of the request that is being answered; null when it brought none. Set in an asynchronous method, it ends with it.</summary>
    public static CallerLogin? Current
    {
        get => Flowing.Value;
        set => Flowing.Value = value;
    }

    /// <summary>Where it is meant to be used, and nowhere else.</summary>
    public RepositoryName Repository { get; }

    /// <summary>User and password.</summary>
    public RegistryCredential Credential { get; }

    /// <summary>Tells this login from others without saying what it is; good while the process runs.</summary>
    public string Mark { get; }

    /// <summary>The request's login when it is meant for that repository.</summary>
    public static CallerLogin? For(RepositoryName repository) => Current is { } login && login.Repository == repository ? login : null;

    /// <summary>The repository alone.</summary>
    public override string ToString() => $"a login for {Repository}";
}
