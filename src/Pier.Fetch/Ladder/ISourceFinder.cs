using Pier.Content.Contracts;

namespace Pier.Fetch.Ladder;

/// <summary>Finds the sources of each rung for one blob.</summary>
internal interface ISourceFinder
{
    /// <summary>Members and swarms that say they have the blob, best first; empty when nobody claims it.</summary>
    ValueTask<IReadOnlyList<Candidate>> PeersAsync(BlobRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Asks for a turn and says what to do: the upstream itself, or the member to follow. Null when the request
    /// names no repository and nobody holds a turn.
    /// </summary>
    /// <param name="request">The blob.</param>
    /// <param name="failed">What this rung answered before and could not deliver, else null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<Candidate?> UpstreamAsync(BlobRequest request, Candidate? failed, CancellationToken cancellationToken);
}
