using Pier.Content.References;

namespace Pier.Content.Contracts;

/// <summary>What is wanted and what is known of it beforehand.</summary>
/// <param name="Digest">The blob.</param>
/// <param name="Origin">The repository under which it was asked for, hence the upstream that can supply it; null when only swarms can.</param>
/// <param name="Size">Length in bytes where a descriptor announced it; a source that says otherwise is refused.</param>
/// <param name="Priority">Who waits.</param>
public sealed record BlobRequest(Digest Digest, RepositoryName? Origin = null, long? Size = null, FetchPriority Priority = FetchPriority.Client)
{
    /// <summary>A client of the registry asks, who gets nothing that came here for others without a right of its own.</summary>
    public bool IsFromClient { get; init; }
}
