using Pier.Content;
using Pier.Fetch.Delivery;
using Pier.Store.Partial;

namespace Pier.Fetch.Seeding;

/// <summary>The hashing of one fetch's torrent from its first accepted source to the seal, where it passes to the seeder.</summary>
internal sealed class TorrentInProgress(FetchParts parts)
{
    /// <summary>What is hashed so far; null when the blob has no torrent, or before a source has accepted.</summary>
    public ArrivingTorrent? Current { get; private set; }

    /// <summary>Begins, unless it has begun.</summary>
    public void Begin(PartialBlob blob)
    {
        if (Current is null && blob.Length >= parts.Options.SmallBlob && blob.Digest.Algorithm == DigestAlgorithm.Sha256)
        {
            Current = new ArrivingTorrent(blob, parts.Hashing);
            Current.Start();
        }
    }

    /// <summary>Hands it over to whoever goes on with it after the seal; null when there is none.</summary>
    public ArrivingTorrent? Take()
    {
        var taken = Current;
        Current = null;
        return taken;
    }

    /// <summary>Forgets what is hashed, unless somebody took it.</summary>
    public ValueTask EndAsync() => Take()?.DisposeAsync() ?? ValueTask.CompletedTask;
}
