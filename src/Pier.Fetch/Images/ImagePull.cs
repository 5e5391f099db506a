using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Content.References;
using Pier.Fetch.Delivery;
using Pier.Fetch.Status;

namespace Pier.Fetch.Images;

/// <summary>Brings an image into the store as <c>pier pull</c> does: manifests, then configurations and layers, a few at a time.</summary>
public sealed class ImagePull
{
    private static readonly TimeSpan ReportEvery = TimeSpan.FromMilliseconds(200);

    private readonly IManifestFetcher _manifests;
    private readonly ContentFetcher _contents;
    private readonly IContentStore _store;
    private readonly DeliveryStatus _status;
    private readonly FetchOptions _options;
    private readonly TimeProvider _time;

    internal ImagePull(
        IManifestFetcher manifests, ContentFetcher contents, IContentStore store, DeliveryStatus status, FetchOptions options, TimeProvider time)
    {
        _manifests = manifests;
        _contents = contents;
        _store = store;
        _status = status;
        _options = options;
        _time = time;
    }

    /// <summary>Pulls; what is held already is not fetched again, and nothing of the image is evicted meanwhile.</summary>
    /// <param name="image">What to pull; <c>latest</c> where it names neither tag nor digest.</param>
    /// <param name="scope">For which platforms an index is followed.</param>
    /// <param name="progress">Told of each part when its state changes and five times a second while it runs.</param>
    /// <param name="cancellationToken">Ends the pull; what has arrived is kept.</param>
    /// <exception cref="ContentException">A part cannot be had; says which and why.</exception>
    public async Task<PulledImage> RunAsync(
        ImageReference image, PlatformScope scope, IProgress<PartProgress> progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(scope);
        ArgumentNullException.ThrowIfNull(progress);
        var reference = image.WithDefaultTag();
        var root = reference.Digest is { } digest
            ? await _manifests.ByDigestAsync(reference.Repository, digest, cancellationToken)
            : await _manifests.ByTagAsync(reference.Repository, reference.Tag!, cancellationToken);
        var walk = new ImageWalk(_manifests, reference.Repository, scope);
        await walk.FollowAsync(root, cancellationToken);

        using var lease = _store.Lease([.. walk.Manifests.Concat(walk.Blobs).Select(part => part.Digest)]);
        var sources = await FetchAllAsync(walk.Blobs, reference.Repository, progress, cancellationToken);
        return new PulledImage(reference, root.Digest, root.MediaType, walk.Manifests, [.. walk.Blobs], sources, root.Warning);
    }

    private async Task<SourceBytes> FetchAllAsync(
        IReadOnlyCollection<Descriptor> blobs, RepositoryName origin, IProgress<PartProgress> progress, CancellationToken cancellationToken)
    {
        foreach (var blob in blobs)
        {
            Report(progress, blob, PartState.Waiting, 0, SourceBytes.None);
        }

        var gate = new Lock();
        var sum = SourceBytes.None;
        var limits = new ParallelOptions { MaxDegreeOfParallelism = _options.PullParallelism, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(blobs, limits, async (blob, token) =>
        {
            var sources = await FetchOneAsync(blob, origin, progress, token);
            lock (gate)
            {
                sum = sum.Add(sources);
            }
        });
        return sum;
    }

    private async Task<SourceBytes> FetchOneAsync(
        Descriptor blob, RepositoryName origin, IProgress<PartProgress> progress, CancellationToken cancellationToken)
    {
        var request = new BlobRequest(blob.Digest, origin, blob.Size, FetchPriority.Command);
        var fetching = _contents.CompleteAsync(request, cancellationToken);
        using (var tick = new PeriodicTimer(ReportEvery, _time))
        {
            while (await Task.WhenAny(fetching, tick.WaitForNextTickAsync(cancellationToken).AsTask()) != fetching)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (_status.Find(blob.Digest) is { } now)
                {
                    Report(progress, blob, PartState.Running, now.Arrived, now.Sources);
                }
            }
        }

        if (await fetching is { } delivery)
        {
            Report(progress, blob, PartState.Done, blob.Size, delivery.Sources);
            return delivery.Sources;
        }
        var held = SourceBytes.None with { Cache = blob.Size };
        Report(progress, blob, PartState.Held, blob.Size, held);
        return held;
    }

    private static void Report(IProgress<PartProgress> progress, Descriptor blob, PartState state, long done, SourceBytes sources) =>
        progress.Report(new PartProgress(blob.Digest.ToString(), blob.Digest.Short, state, blob.Size, done, sources));
}
