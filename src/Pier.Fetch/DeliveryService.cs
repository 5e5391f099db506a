using Microsoft.Extensions.Hosting;
using Pier.Content.Contracts;
using Pier.Fetch.Delivery;
using Pier.Fetch.Policy;
using Pier.Fetch.Prefetch;
using Pier.Fetch.Provisional;
using Pier.Fetch.Seeding;
using Pier.Fetch.Status;

namespace Pier.Fetch;

/// <summary>Owns delivery's loops: seeds what earlier runs left at start, and ends fetches before seeds at stop.</summary>
/// <remarks>The BitTorrent engine must be started before this service and stopped after it.</remarks>
public sealed class DeliveryService : IHostedService, IContentSharing
{
    private readonly FetchTable _fetches;
    private readonly Seeder _seeder;
    private readonly HistoryFile _history;
    private readonly AccessPolicy _policy;
    private readonly ContentFetcher _contents;
    private readonly ProvisionalDesk _pieces;
    private readonly Prefetcher _prefetcher;

    internal DeliveryService(FetchTable fetches, Seeder seeder, ProvisionalDesk pieces, Prefetcher prefetcher, HistoryFile history, AccessPolicy policy, ContentFetcher contents)
    {
        _prefetcher = prefetcher;
        _pieces = pieces;
        _fetches = fetches;
        _seeder = seeder;
        _history = history;
        _policy = policy;
        _contents = contents;
    }

    /// <summary>Blobs that are being seeded now.</summary>
    public int Seeds => _seeder.Count;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _history.Start();
        _pieces.Start();
        _prefetcher.Start();
        return _seeder.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public void Offer(BlobInfo blob) => _seeder.Offer(blob);

    /// <summary>Waits until the store holds a blob, whole and right; fetches it if need be.</summary>
    /// <exception cref="ContentException">It cannot be had.</exception>
    public Task FetchAsync(BlobRequest request, CancellationToken cancellationToken) => _contents.CompleteAsync(request, cancellationToken);

    /// <summary>Offers a blob that came here by no repository: private until one is found to have it.</summary>
    public void OfferUnproven(BlobInfo blob)
    {
        _policy.Hide([blob.Sha256]);
        _seeder.Offer(blob);
    }

    /// <summary>Stops seeding a blob that was removed from the store, and forgets its swarm record.</summary>
    public Task ForgetAsync(Content.Digest sha256) => _seeder.ForgetAsync(sha256);

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _prefetcher.DisposeAsync();
        await _fetches.DisposeAsync();
        await _pieces.DisposeAsync();
        await _seeder.DisposeAsync();
        await _history.DisposeAsync();
    }
}
