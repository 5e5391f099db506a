using Pier.Content.References;

namespace Pier.Distribution.Transport;

/// <summary>What an address calls the repositories: its root for the protocol, and names as they are rewritten for it.</summary>
internal sealed class RepositoryPath
{
    private const string Version = "/v2/";

    private readonly string _prefix;
    private readonly List<KeyValuePair<string, string>> _rewrites;

    /// <param name="address">The address; what follows <c>/v2/</c> in it goes before each name.</param>
    /// <param name="rewrites">Beginnings of names and what stands for them.</param>
    public RepositoryPath(Uri address, IReadOnlyDictionary<string, string> rewrites)
    {
        var whole = address.GetLeftPart(UriPartial.Path).TrimEnd('/') + '/';
        var version = whole.IndexOf(Version, address.GetLeftPart(UriPartial.Authority).Length, StringComparison.Ordinal);
        Root = version < 0 ? whole.TrimEnd('/') + Version : whole[..(version + Version.Length)];
        _prefix = version < 0 ? "" : whole[(version + Version.Length)..];
        _rewrites = [.. rewrites.OrderByDescending(rewrite => rewrite.Key.Length)];
    }

    /// <summary>Where the protocol begins, with <c>/v2/</c>.</summary>
    public string Root { get; }

    /// <summary>A repository's name there.</summary>
    public string Of(RepositoryName repository)
    {
        var path = repository.Path;
        var rewrite = _rewrites.Find(candidate => path.StartsWith(candidate.Key, StringComparison.Ordinal));
        return _prefix + (rewrite.Key is null ? path : rewrite.Value + path[rewrite.Key.Length..]);
    }
}
