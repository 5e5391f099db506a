using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pier.Content.Contracts;
using Pier.Daemon.Options;
using Pier.Fetch;

namespace Pier.Daemon.Storage;

/// <summary>Keeps the store below its quota: the blob that was not used for longest goes first, a pinned or leased one never (design §5).</summary>
internal sealed class EvictionLoop(
    DaemonOptions options, IContentStore store, DeliveryService delivery, TimeProvider clock, ILogger<EvictionLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    /// <summary>Evicts until the store is below its quota; returns the bytes that were freed.</summary>
    public async Task<long> EvictAsync(CancellationToken cancellationToken)
    {
        var blobs = new List<BlobInfo>();
        await foreach (var blob in store.ListAsync(cancellationToken))
        {
            blobs.Add(blob);
        }
        var surplus = blobs.Sum(blob => blob.Size) - options.Quota;
        var freed = 0L;
        foreach (var blob in blobs.Where(blob => !blob.Pinned).OrderBy(blob => blob.LastUsed))
        {
            if (freed >= surplus)
            {
                break;
            }
            freed += await TryRemoveAsync(blob, cancellationToken) ? blob.Size : 0;
        }
        if (freed < surplus)
        {
            logger.QuotaExceeded(surplus - freed, options.Quota);
        }
        return freed;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Quota == 0)
        {
            return;
        }
        using var tick = new PeriodicTimer(Interval, clock);
        try
        {
            do
            {
                if (await EvictAsync(stoppingToken) is > 0 and var freed)
                {
                    logger.Evicted(freed, options.Quota);
                }
            }
            while (await tick.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping: the next start looks again.
        }
    }

    private async Task<bool> TryRemoveAsync(BlobInfo blob, CancellationToken cancellationToken)
    {
        try
        {
            if (!await store.RemoveAsync(blob.Digest, cancellationToken))
            {
                return false;
            }
            await delivery.ForgetAsync(blob.Sha256);
            return true;
        }
        catch (ContentInUseException)
        {
            // Somebody is reading or pulling it: it was used just now, so it is not the one to go.
            return false;
        }
        catch (ContentStorageException refused)
        {
            logger.NotEvicted(blob.Digest.ToString(), refused.Message);
            return false;
        }
    }
}
