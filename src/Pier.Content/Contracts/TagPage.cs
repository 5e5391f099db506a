namespace Pier.Content.Contracts;

/// <summary>One page of a repository's tags (OCI distribution-spec, "Listing Tags").</summary>
/// <param name="Tags">Tags in the registry's order.</param>
/// <param name="HasMore">True when the registry says that another page follows the last tag.</param>
public sealed record TagPage(IReadOnlyList<string> Tags, bool HasMore);
