using Pier.Content;
using Pier.Fetch.Delivery;
using Pier.Store.Partial;

namespace Pier.Fetch.Seeding;

/// <summary>
/// One fetch's torrent while the blob arrives: its hashing from the first accepted source to the seal, where it passes to the
/// seeder, and whether its pieces are passed on before.
/// </summary>
internal sealed class TorrentInProgress(FetchParts parts)
{
    private readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What is hashed so far; null when the blob has no torrent, or before a source has accepted.</summary>
    public ArrivingTorrent? Current { get; private set; }

    /// <summary>Ends once it is known whether the first accepted source's pieces are passed on.</summary>
    public Task Settled => _settled.Task;

    /// <summary>It is known now.</summary>
    public void Settle() => _settled.TrySetResult();

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
