using System.Diagnostics.CodeAnalysis;

namespace Pier.Content.References;

/// <summary>
/// A repository and the registry it belongs to, normalised as Docker does: <c>busybox</c> is
/// registry <c>docker.io</c>, path <c>library/busybox</c>.
/// </summary>
/// <param name="Registry">Host with optional port; <c>docker.io</c> for Docker Hub under any of its names.</param>
/// <param name="Path">Path below <c>/v2/</c>, lower case, at most 255 characters with the registry (distribution reference grammar).</param>
public sealed record RepositoryName(string Registry, string Path)
{
    /// <summary>The registry of names that give none.</summary>
    public const string DockerHub = "docker.io";

    private const string OfficialPrefix = "library/";

    /// <summary>The form that people type and <c>docker images</c> prints: no <c>docker.io/</c>, no <c>library/</c>.</summary>
    public string Familiar
    {
        get
        {
            // Without its registry docker.io/localhost/x would read as a repository of localhost.
            var slash = Path.IndexOf('/', StringComparison.Ordinal);
            if (Registry != DockerHub || (slash > 0 && IsRegistryPart(Path.AsSpan(0, slash))))
            {
                return ToString();
            }

            // Docker keeps library/ before nested names, which would otherwise read as a user's repository.
            var official = Path.StartsWith(OfficialPrefix, StringComparison.Ordinal)
                && !Path.AsSpan(OfficialPrefix.Length).Contains('/');
            return official ? Path[OfficialPrefix.Length..] : Path;
        }
    }

    /// <summary>Parses a name as typed, without tag or digest: <c>busybox</c>, <c>ghcr.io/a/b</c>, <c>localhost:5000/x</c>.</summary>
    /// <exception cref="ReferenceFormatException">It is no repository name; says why.</exception>
    public static RepositoryName Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var fault = Read(text, out var name);
        return name ?? throw new ReferenceFormatException($"'{Shorten(text)}' is not a repository name: {fault}");
    }

    /// <summary>As <see cref="Parse"/>; false when the text is no repository name.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out RepositoryName? name)
    {
        name = null;
        return text is not null && Read(text, out name) is null;
    }

    /// <summary>A name whose registry is given apart, as by <c>?ns=</c>; Docker Hub's <c>library/</c> is filled in.</summary>
    /// <exception cref="ReferenceFormatException">Registry or path break the grammar; says which and why.</exception>
    public static RepositoryName Create(string registry, string path)
    {
        ArgumentNullException.ThrowIfNull(registry);
        ArgumentNullException.ThrowIfNull(path);
        var fault = Check(registry, path, out var name);
        return name ?? throw new ReferenceFormatException($"'{Shorten($"{registry}/{path}")}' is not a repository name: {fault}");
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Registry}/{Path}";

    /// <summary>Splits and checks a name; returns the fault, or null with the name set.</summary>
    internal static string? Read(string text, out RepositoryName? name)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !IsRegistryPart(text.AsSpan(0, slash)))
        {
            return Check(DockerHub, text, out name);
        }

        return Check(text[..slash], text[(slash + 1)..], out name);
    }

    internal static string Shorten(string text) => text.Length <= 200 ? text : $"{text.AsSpan(0, 200)}…";

    /// <summary>
    /// Docker's rule for the first component: a registry when it has a dot or a colon, is <c>localhost</c>,
    /// or has an upper-case letter, which no path may have.
    /// </summary>
    private static bool IsRegistryPart(ReadOnlySpan<char> first) =>
        first is "localhost" || first.IndexOfAny('.', ':') >= 0 || first.IndexOfAnyInRange('A', 'Z') >= 0;

    private static string? Check(string registry, string path, out RepositoryName? name)
    {
        name = null;
        if (registry is "index.docker.io" or "registry-1.docker.io")
        {
            registry = DockerHub;
        }

        if (path.Length == 0)
        {
            return "the name is empty.";
        }

        if (path.AsSpan().IndexOfAnyInRange('A', 'Z') >= 0)
        {
            return $"the repository must be lower case; try '{Shorten(path.ToLowerInvariant())}'.";
        }

        if (!ReferenceGrammar.IsRegistry(registry))
        {
            return $"'{Shorten(registry)}' is no registry host; expected a host name, an IPv4 address or an IPv6 address in brackets, with an optional port.";
        }

        if (!ReferenceGrammar.IsPath(path))
        {
            return "path components are lower-case letters and digits, joined by one '.', one or two '_', or any number of '-', and separated by single slashes.";
        }

        if (registry == DockerHub && !path.Contains('/', StringComparison.Ordinal))
        {
            path = OfficialPrefix + path;
        }

        var length = registry.Length + 1 + path.Length;
        if (length > ReferenceGrammar.MaxNameLength)
        {
            return $"with its registry it has {length} characters; at most {ReferenceGrammar.MaxNameLength} are allowed.";
        }

        name = new RepositoryName(registry, path);
        return null;
    }
}
