namespace Pier.Content.Contracts;

/// <summary>One page of the manifests that refer to another one (OCI distribution-spec, "Listing Referrers").</summary>
/// <param name="Index">An OCI index as the registry sent it.</param>
/// <param name="IsFiltered">True when the registry left out what is of another artifact type than was asked for.</param>
/// <param name="Next">Query of the next page, without the question mark; null when this is the last.</param>
/// <param name="Warning">Text for a <c>Warning</c> header when the answer is the last known one, else null.</param>
public sealed record ReferrersPage(ReadOnlyMemory<byte> Index, bool IsFiltered = false, string? Next = null, string? Warning = null);
