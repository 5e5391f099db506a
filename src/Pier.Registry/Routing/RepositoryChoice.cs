using Pier.Content.References;
using Pier.Content.Uris;
using Pier.Distribution.Wire;
using Pier.Registry.Errors;

namespace Pier.Registry.Routing;

/// <summary>
/// Finds the repository that a request means (design §3.1): its registry is <c>?ns=</c>, else a host-like first path
/// segment, else docker.io.
/// </summary>
internal static class RepositoryChoice
{
    /// <param name="name">The name in the path.</param>
    /// <param name="ns">The <c>ns</c> query, by which containerd tells the registry it stands in for; null or empty for none.</param>
    /// <exception cref="ReferenceFormatException">It is no repository name.</exception>
    /// <exception cref="RegistryRefusal">It leads to a host that is never contacted.</exception>
    public static RepositoryName Choose(string name, string? ns)
    {
        // First, so that no name of such a host is called malformed: link-local addresses may have zones.
        if (ns is not null && HostRules.IsForbiddenTarget(ns))
        {
            throw Forbidden(ns);
        }

        var repository = string.IsNullOrEmpty(ns) ? RepositoryName.Parse(name) : RepositoryName.Create(ns, name);
        if (HostRules.IsForbiddenTarget(repository.Registry))
        {
            throw Forbidden(repository.Registry);
        }

        return repository;
    }

    /// <summary>True when the client itself wrote the registry's host before the repository, and is no engine that was sent to a mirror.</summary>
    public static bool IsHostAddressed(string name, string? ns) =>
        string.IsNullOrEmpty(ns) && RepositoryName.TryParse(name, out var repository) && name.Length > repository.Path.Length;

    private static RegistryRefusal Forbidden(string host) =>
        new(403, ErrorCodes.Denied, $"'{host}' is a link-local or metadata address, which no request may reach through this node.");
}
