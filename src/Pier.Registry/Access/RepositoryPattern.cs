using Pier.Content.References;

namespace Pier.Registry.Access;

/// <summary>
/// Repositories by name, segment by segment: <c>*</c> stands for one whole segment, <c>**</c> at the end for one or more. A pattern
/// without a registry means Docker Hub's names, to which this node's own belong.
/// </summary>
public static class RepositoryPattern
{
    /// <summary>True when a text can be a pattern.</summary>
    public static bool IsValid(string pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        var segments = pattern.Split('/');
        var rest = Array.IndexOf(segments, "**");
        return Array.TrueForAll(segments, segment => segment.Length > 0) && (rest < 0 || rest == segments.Length - 1);
    }

    /// <summary>True when the pattern means the repository.</summary>
    public static bool Matches(string pattern, RepositoryName repository)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        ArgumentNullException.ThrowIfNull(repository);
        return pattern is "**" || Matches(pattern.Split('/'), repository.ToString().Split('/'))
            || (repository.Registry == RepositoryName.DockerHub && Matches(pattern.Split('/'), repository.Path.Split('/')));
    }

    private static bool Matches(ReadOnlySpan<string> pattern, ReadOnlySpan<string> name)
    {
        for (var at = 0; at < pattern.Length; at++)
        {
            if (at == name.Length)
            {
                return false;
            }

            if (pattern[at] == "**")
            {
                return true;
            }

            if (pattern[at] != "*" && pattern[at] != name[at])
            {
                return false;
            }
        }

        return pattern.Length == name.Length;
    }
}
