using Pier.Buildkit.Wire;

namespace Pier.Buildkit.Llb;

/// <summary>
/// Build contexts that are git repositories, as BuildKit's own frontend knows and fetches them: <c>ADDRESS#REF:FOLDER</c>, the same
/// operation, so that a repository is fetched once.
/// </summary>
internal static class GitAddress
{
    private const string Ending = ".git";

    /// <summary>Beginnings that the source's own name leaves out.</summary>
    private static readonly string[] Schemes = ["http://", "https://", "git://"];

    /// <summary>Whether an address is a repository's. Those by SSH are not ours to fetch: their keys are the client's.</summary>
    public static bool IsGit(string address) =>
        address.StartsWith("git://", StringComparison.Ordinal) || address.StartsWith("github.com/", StringComparison.Ordinal)
        || (address.StartsWith("http", StringComparison.Ordinal) && address.Split('#')[0].EndsWith(Ending, StringComparison.Ordinal));

    /// <summary>The operation that fetches it.</summary>
    /// <param name="address">Where, with what of it.</param>
    /// <param name="keepsFolder">The repository's own folder is wanted, too.</param>
    public static LlbNode Source(string address, bool keepsFolder)
    {
        var scheme = Array.Find(Schemes, scheme => address.StartsWith(scheme, StringComparison.Ordinal)) ?? "";
        var source = new SourceOp { Identifier = "git://" + address[scheme.Length..] };
        // In the order of their names, as BuildKit writes them.
        source.Attrs["git.authheadersecret"] = "GIT_AUTH_HEADER";
        source.Attrs["git.authtokensecret"] = "GIT_AUTH_TOKEN";
        if (scheme.Length > 0)
        {
            source.Attrs["git.fullurl"] = address.Split('#')[0];
        }

        if (keepsFolder)
        {
            source.Attrs["git.keepgitdir"] = "true";
        }

        return new LlbNode(new Op { Source = source }, "[internal] load git source " + address);
    }
}
