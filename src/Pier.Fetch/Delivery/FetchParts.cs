using Microsoft.Extensions.Logging;
using Pier.Content.Contracts;
using Pier.Fetch.Ladder;
using Pier.Fetch.Provisional;
using Pier.Store.Partial;

namespace Pier.Fetch.Delivery;

/// <summary>What every fetch of a node shares.</summary>
internal sealed record FetchParts(
    IContentStore Store,
    PartialBlobs Partials,
    ISourceFinder Finder,
    SourceBans Bans,
    ISealedBlobs Sealed,
    FetchOptions Options,
    TimeProvider Time,
    ILogger<BlobFetch> Logger,
    ProvisionalDesk? Provisional = null)
{
    /// <summary>Lets one piece of a torrent be hashed at once while blobs arrive: clients come first.</summary>
    public SemaphoreSlim Hashing { get; } = new(1);

    /// <summary>Lets what is fetched ahead wait for what clients wait for.</summary>
    public ClientsFirst Clients { get; } = new(Time);

    /// <summary>The rules of the ladder under these options.</summary>
    public LadderRules Rules { get; } = new(Options);
}

/// <summary>Is told of each blob that a fetch has sealed (design §3.8).</summary>
internal interface ISealedBlobs
{
    /// <summary>Takes note without waiting.</summary>
    void Add(BlobInfo blob, BlobFetch fetch);
}
