using System.Text;
using System.Text.Json;
using Pier.Content.References;

namespace Pier.Distribution.Credentials;

/// <summary>
/// Credentials as <c>docker login</c> left them: the helper of that registry, the common store, or the file's own
/// <c>auths</c>, in Docker's order of precedence.
/// </summary>
internal sealed class DockerCredentials(IReadOnlyList<string> files, CredentialHelper helper) : ICredentialSource
{
    /// <summary>The address under which Docker keeps Docker Hub's login.</summary>
    private const string HubServer = "https://index.docker.io/v1/";

    private const long MaxFile = 1024 * 1024;

    /// <summary>Docker's own places: <c>DOCKER_CONFIG</c> alone when set, else the home folder, then root's.</summary>
    public static IReadOnlyList<string> DefaultFiles(Func<string, string?> environment)
    {
        if (environment("DOCKER_CONFIG") is { Length: > 0 } folder)
        {
            return [Path.Combine(folder, "config.json")];
        }

        // A system service has no HOME; root's login is then the one that was meant.
        var homes = new List<string> { "/root" };
        if (environment("HOME") is { Length: > 0 } home && home != "/root")
        {
            homes.Insert(0, home);
        }

        return [.. homes.Select(place => Path.Combine(place, ".docker", "config.json"))];
    }

    /// <inheritdoc/>
    public async ValueTask<CredentialLookup> FindAsync(string registry, CancellationToken cancellationToken)
    {
        string? fault = null;
        foreach (var file in files)
        {
            var found = await FindInAsync(file, registry, cancellationToken);
            if (found.Credential is not null)
            {
                return found;
            }

            fault ??= found.Fault;
        }

        return new CredentialLookup(null, fault);
    }

    /// <summary>The address under which helpers know a registry.</summary>
    public static string ServerOf(string registry) => registry == RepositoryName.DockerHub ? HubServer : registry;

    private async Task<CredentialLookup> FindInAsync(string file, string registry, CancellationToken cancellationToken)
    {
        DockerConfig? config;
        try
        {
            if (!File.Exists(file))
            {
                return CredentialLookup.None;
            }

            if (new FileInfo(file).Length > MaxFile)
            {
                return new CredentialLookup(null, $"{file} has more than {MaxFile} bytes.");
            }

            config = JsonSerializer.Deserialize(await File.ReadAllBytesAsync(file, cancellationToken), CredentialJson.Default.DockerConfig);
        }
        catch (JsonException broken)
        {
            // The exception's own text may quote the file.
            return new CredentialLookup(null, $"{file} is not valid JSON (line {broken.LineNumber + 1}).");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return new CredentialLookup(null, $"{file} cannot be read: {unreadable.Message}");
        }

        return config is null ? CredentialLookup.None : await FindInAsync(file, config, registry, cancellationToken);
    }

    private async Task<CredentialLookup> FindInAsync(string file, DockerConfig config, string registry, CancellationToken cancellationToken)
    {
        var server = ServerOf(registry);
        var program = HelperFor(config.CredHelpers, registry) ?? config.CredsStore;
        if (!string.IsNullOrEmpty(program))
        {
            var told = await helper.GetAsync(program, server, cancellationToken);
            if (told.Credential is not null || told.Fault is not null)
            {
                return told;
            }
        }

        foreach (var (address, auth) in config.Auths ?? new Dictionary<string, DockerAuth?>())
        {
            if (auth is not null && HostOf(address) == registry)
            {
                return Read(file, address, auth);
            }
        }

        return CredentialLookup.None;
    }

    private static string? HelperFor(IReadOnlyDictionary<string, string>? helpers, string registry) =>
        helpers?.FirstOrDefault(entry => HostOf(entry.Key) == registry).Value;

    /// <summary>The registry that an entry's key means: keys may be hosts, or URLs with a version path.</summary>
    private static string HostOf(string address)
    {
        var scheme = address.IndexOf("://", StringComparison.Ordinal);
        var host = scheme < 0 ? address : address[(scheme + 3)..];
        var slash = host.IndexOf('/', StringComparison.Ordinal);
        host = slash < 0 ? host : host[..slash];
        return host is "index.docker.io" or "registry-1.docker.io" ? RepositoryName.DockerHub : host;
    }

    private static CredentialLookup Read(string file, string address, DockerAuth auth)
    {
        if (!string.IsNullOrEmpty(auth.IdentityToken))
        {
            return new CredentialLookup(new RegistryCredential(auth.Username ?? "", auth.IdentityToken, IsIdentityToken: true));
        }

        if (string.IsNullOrEmpty(auth.Auth))
        {
            return string.IsNullOrEmpty(auth.Username)
                ? CredentialLookup.None
                : new CredentialLookup(new RegistryCredential(auth.Username, auth.Password ?? ""));
        }

        var bytes = new byte[auth.Auth.Length];
        if (!Convert.TryFromBase64String(auth.Auth, bytes, out var length))
        {
            return new CredentialLookup(null, $"{file}: auths['{address}'].auth is not base64.");
        }

        // Old clients padded the pair with NUL.
        var pair = Encoding.UTF8.GetString(bytes, 0, length).TrimEnd('\0');
        var colon = pair.IndexOf(':', StringComparison.Ordinal);
        return colon <= 0
            ? new CredentialLookup(null, $"{file}: auths['{address}'].auth holds no user:password.")
            : new CredentialLookup(new RegistryCredential(pair[..colon], pair[(colon + 1)..]));
    }
}
