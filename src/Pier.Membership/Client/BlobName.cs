using System.Diagnostics.CodeAnalysis;
using Pier.Content;
using Pier.Content.References;

namespace Pier.Membership.Client;

/// <summary>What is asked of a member: a blob or manifest, and for whose sake.</summary>
/// <param name="Digest">The blob.</param>
/// <param name="Under">
/// The repository under which a client asked for it: a member gives what is private under that name alone (design §4). Null when
/// whoever steers the node asks, by the digest alone.
/// </param>
/// <param name="IsAhead">Nobody waits for it yet: a member that fetches it need not hurry for this node's sake.</param>
public readonly record struct BlobName(Digest Digest, RepositoryName? Under = null, bool IsAhead = false)
{
    private const string Parameter = "under";
    private const string AheadParameter = "ahead";

    /// <summary>A blob by its digest alone.</summary>
    [SuppressMessage("Usage", "CA2225:Operator overloads have named alternates", Justification = "The constructor is the alternate.")]
    public static implicit operator BlobName(Digest digest) => new(digest);

    /// <summary>The name in a path of the node port, with its query.</summary>
    internal string ToPath()
    {
        string[] query = [.. Under is null ? [] : new[] { $"{Parameter}={Uri.EscapeDataString(Under.ToString())}" }, .. IsAhead ? new[] { $"{AheadParameter}=1" } : []];
        return query.Length == 0 ? $"{Digest}" : $"{Digest}?{string.Join('&', query)}";
    }

    /// <summary>The name with what a query says of it.</summary>
    /// <exception cref="FormatException">It names what is no repository.</exception>
    internal static BlobName Of(Digest digest, Func<string, string?> query) => new(digest, UnderOf(query), query(AheadParameter) == "1");

    /// <summary>The repository that a query names; null when it names none.</summary>
    private static RepositoryName? UnderOf(Func<string, string?> query)
    {
        var text = query(Parameter);
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && slash < text.Length - 1 ? new RepositoryName(text[..slash], text[(slash + 1)..]) : throw new FormatException("no repository");
    }
}
