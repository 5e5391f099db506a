using Pier.Content.Contracts;

namespace Pier.Fetch.Ladder;

/// <summary>Finds the sources of each rung for one blob.</summary>
internal interface ISourceFinder
{
    /// <summary>Members and swarms that say they have the blob, best first; empty when nobody claims it.</summary>
    ValueTask<IReadOnlyList<Candidate>> PeersAsync(BlobRequest request, CancellationToken cancellationToken);

    /// <summary>Begins to look for strangers by the digest alone; null when policy or settings leave nobody to be met.</summary>
    /// <param name="request">The blob.</param>
    /// <param name="found">Called, by any thread, when there is one more to take.</param>
    IStrangers? Meet(BlobRequest request, Action found);

    /// <summary>
    /// Asks for a turn and says what to do: the upstream itself, or the member to follow. Null when the request
    /// names no repository and nobody holds a turn.
    /// </summary>
    /// <param name="request">The blob.</param>
    /// <param name="failed">What this rung answered before and could not deliver, else null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<Candidate?> UpstreamAsync(BlobRequest request, Candidate? failed, CancellationToken cancellationToken);
}
