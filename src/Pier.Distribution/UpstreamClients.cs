using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Content.Uris;
using Pier.Distribution.Authentication;
using Pier.Distribution.Credentials;
using Pier.Distribution.Transport;

namespace Pier.Distribution;

/// <summary>The clients of all registries, each made when it is first asked for; all share one token cache.</summary>
public sealed class UpstreamClients : IDisposable
{
    /// <summary>Most registries with a client; names come from requests, so that their number must be bounded.</summary>
    private const int MaxRegistries = 1024;

    private readonly UpstreamOptions _options;
    private readonly ICredentialSource _credentials;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ProxyRules _proxies;
    private readonly TokenCache _tokens;
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, UpstreamClient> _clients = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Clients with credentials from configuration and from Docker's files, and proxies from the environment.</summary>
    public UpstreamClients(UpstreamOptions options, TimeProvider time, ILogger<UpstreamClients> logger)
        : this(options, time, logger, Environment.GetEnvironmentVariable)
    {
    }

    internal UpstreamClients(UpstreamOptions options, TimeProvider time, ILogger logger, Func<string, string?> environment)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _time = time;
        _logger = logger;
        _proxies = new ProxyRules(environment);
        _tokens = new TokenCache(time);
        var helper = new CredentialHelper(options.HelperTimeout, time);
        _credentials = new ConfiguredCredentials(
            options, helper, new DockerCredentials(options.DockerConfigFiles ?? DockerCredentials.DefaultFiles(environment), helper));
    }

    /// <summary>The client of a registry by its name, such as <c>docker.io</c> or <c>registry.lan:5000</c>.</summary>
    /// <exception cref="ContentDeniedException">The name is a link-local or metadata address.</exception>
    /// <exception cref="ContentUnavailableException">Too many registries are in use.</exception>
    public UpstreamClient For(string registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        if (_clients.TryGetValue(registry, out var known))
        {
            return known;
        }

        if (HostRules.IsForbiddenTarget(registry))
        {
            throw new ContentDeniedException($"'{registry}' is a link-local or metadata address, which Pier never asks.");
        }

        lock (_lock)
        {
            if (_clients.Count >= MaxRegistries)
            {
                throw new ContentUnavailableException($"{registry}: {MaxRegistries} registries are in use already; restart Pier if they were asked for by mistake.");
            }

            return _clients.GetOrAdd(registry, Create);
        }
    }

    /// <summary>The client of a repository's registry.</summary>
    /// <inheritdoc cref="For(string)" path="/exception"/>
    public UpstreamClient For(RepositoryName repository)
    {
        ArgumentNullException.ThrowIfNull(repository);
        return For(repository.Registry);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }

        _tokens.Dispose();
    }

    private UpstreamClient Create(string registry)
    {
        var own = _options.Registries.GetValueOrDefault(registry) ?? new RegistryOptions();
        var owned = new List<IDisposable>();
        var endpoints = EndpointAddresses.Of(registry, own).Select(address => Endpoint(registry, own, address, owned)).ToList();
        return new UpstreamClient(registry, endpoints, owned, _options.RetryPauses, _time, _logger);
    }

    /// <summary>A mirror that is configured under its own name brings its own TLS and credentials; Docker's login for the registry is not for it.</summary>
    private UpstreamEndpoint Endpoint(string registry, RegistryOptions own, Uri address, List<IDisposable> owned)
    {
        var isOwn = EndpointAddresses.IsOwn(registry, address);
        var itself = isOwn ? null : _options.Registries.GetValueOrDefault(address.Authority);
        var reached = itself ?? own;
        if (reached.SkipVerify)
        {
            _logger.NotVerified(address.Authority);
        }

        var options = _options with
        {
            ConnectTimeout = own.ConnectTimeout ?? _options.ConnectTimeout,
            HeaderTimeout = own.HeaderTimeout ?? _options.HeaderTimeout,
            StallTimeout = own.StallTimeout ?? _options.StallTimeout,
        };
        var requester = new Requester(UpstreamHandler.Create(reached, address, options, _proxies, _time), options, _time, _logger);
        var login = isOwn || (itself is not { HasCredentials: true } && own.HasCredentials) ? registry : address.Authority;
        var credentials = new RememberedCredentials(login, _credentials, _options.CredentialLifetime, _time, _logger);
        owned.AddRange([requester, credentials]);
        return new UpstreamEndpoint(
            address, new RepositoryPath(address, own.Rewrites), requester,
            new Authenticator(address, credentials, new TokenClient(requester, _logger), _tokens, takesCallers: isOwn || own.TakesLogins),
            new RequestPace(own.Rate, _time), _options.RatePatience, _time);
    }
}
