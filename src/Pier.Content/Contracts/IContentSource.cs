namespace Pier.Content.Contracts;

/// <summary>One place that can supply a blob: an upstream, a swarm, a member, later IPFS.</summary>
public interface IContentSource
{
    /// <summary>What kind of place this is, for the per-blob source breakdown.</summary>
    SourceKind Kind { get; }

    /// <summary>Asks whether the blob can be had here; null when not. Moves no content.</summary>
    /// <exception cref="ContentException">The place answered with a refusal or could not be reached.</exception>
    ValueTask<ContentOffer?> ProbeAsync(BlobRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Delivers the missing ranges of an offer into the sink until the sink needs no more, the token ends it
    /// or the source fails.
    /// </summary>
    /// <exception cref="ContentException">The source broke; what it wrote before stays.</exception>
    Task FetchAsync(ContentOffer offer, IContentSink sink, CancellationToken cancellationToken);
}
