namespace Pier.Content.References;

/// <summary>The names of repositories that are this node's own: no upstream is ever asked for them (design §3.1).</summary>
public static class LocalNames
{
    /// <summary>The first segment of repositories that take pushes and imports.</summary>
    public const string PushPrefix = "local/";

    private const string ShippedPrefix = "pier/";

    /// <summary>True for a repository of this node.</summary>
    public static bool IsLocal(RepositoryName repository)
    {
        ArgumentNullException.ThrowIfNull(repository);
        return TakesPushes(repository) || IsBelow(repository, ShippedPrefix);
    }

    /// <summary>True for a repository of this node that clients may be let push to; the others are for what Pier ships.</summary>
    public static bool TakesPushes(RepositoryName repository)
    {
        ArgumentNullException.ThrowIfNull(repository);
        return IsBelow(repository, PushPrefix);
    }

    private static bool IsBelow(RepositoryName repository, string prefix) =>
        repository.Registry == RepositoryName.DockerHub && repository.Path.StartsWith(prefix, StringComparison.Ordinal);
}
