using Microsoft.Extensions.Logging;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Store.Partial;

namespace Pier.Store.Eviction;

/// <summary>
/// Keeps the store within its quota, and room free beside it: what was used least recently goes first, and what no other node is known to keep goes after
/// all else; what is pinned, leased or arriving stays (design §5).
/// </summary>
public sealed class Evictor(IContentStore store, PartialBlobs partials, QuotaOptions options, ICopies copies, TimeProvider clock, ILogger<Evictor> log)
{
    private long _evictedBlobs;
    private long _evictedBytes;

    /// <summary>Looks the store over again and again until the token ends it; the host owns the task.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (options is { Bytes: null, KeepFree: null })
        {
            return;
        }

        using var timer = new PeriodicTimer(options.Interval, clock);
        do
        {
            try
            {
                await EvictAsync(cancellationToken);
            }
            catch (ContentStorageException e)
            {
                log.EvictionFailed(e);
            }
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    /// <summary>Blobs evicted and pruned since the start, and their bytes.</summary>
    public (long Blobs, long Bytes) Evicted => (Interlocked.Read(ref _evictedBlobs), Interlocked.Read(ref _evictedBytes));

    /// <summary>Removes blobs until the store is within its quota and room is free, or nothing more may go.</summary>
    /// <returns>Bytes freed.</returns>
    /// <exception cref="ContentStorageException">The disk refused.</exception>
    public async Task<long> EvictAsync(CancellationToken cancellationToken)
    {
        var lacking = (options.KeepFree ?? 0) - options.FreeBytes();
        if (options.Bytes is null && lacking <= 0)
        {
            return 0;
        }

        var (candidates, total) = await LookOverAsync(cancellationToken);
        var excess = Math.Max(options.Bytes is { } quota ? total - quota : 0, lacking);
        var freed = await RemoveAsync(candidates, excess, cancellationToken);
        if (freed < excess)
        {
            log.OverQuota(total - freed, excess - freed);
        }

        return freed;
    }

    /// <summary>Makes room because somebody asks for it: what was used least recently goes first, the cluster's last copies last.</summary>
    /// <param name="keep">Most bytes to keep; null for any.</param>
    /// <param name="unusedSince">Only what was not used since then.</param>
    /// <param name="dryRun">Only say what would go.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Blobs and bytes that went, or would go.</returns>
    /// <exception cref="ContentStorageException">The disk refused.</exception>
    public async Task<(long Blobs, long Bytes)> PruneAsync(long? keep, DateTimeOffset unusedSince, bool dryRun, CancellationToken cancellationToken)
    {
        var (candidates, total) = await LookOverAsync(cancellationToken);
        var old = candidates.Where(candidate => candidate.LastUsed <= unusedSince).OrderBy(candidate => candidate.LastUsed).ToList();
        var excess = keep is { } most ? total - most : long.MaxValue;
        if (dryRun)
        {
            var (blobs, bytes) = (0L, 0L);
            foreach (var candidate in old.TakeWhile(_ => bytes < excess))
            {
                (blobs, bytes) = (blobs + 1, bytes + candidate.Size);
            }

            return (blobs, bytes);
        }

        var before = Evicted;
        await RemoveAsync(old, excess, cancellationToken);
        return (Evicted.Blobs - before.Blobs, Evicted.Bytes - before.Bytes);
    }

    /// <summary>Removes until so many bytes are free, what nobody else keeps after all else.</summary>
    private async Task<long> RemoveAsync(IEnumerable<Candidate> candidates, long excess, CancellationToken cancellationToken)
    {
        var freed = 0L;
        var lastCopies = new List<Candidate>();
        foreach (var candidate in candidates.OrderBy(candidate => candidate.LastUsed))
        {
            if (freed >= excess)
            {
                return freed;
            }

            if (candidate.IsPartial || (copies.IsKeptElsewhere(candidate.Sha256) && await copies.ConfirmAsync(candidate.Sha256, cancellationToken)))
            {
                freed += await TryRemoveAsync(candidate, cancellationToken);
            }
            else
            {
                lastCopies.Add(candidate);
            }
        }

        foreach (var candidate in lastCopies)
        {
            if (freed >= excess)
            {
                return freed;
            }

            freed += await TryRemoveAsync(candidate, cancellationToken);
        }

        return freed;
    }

    private async Task<(List<Candidate> Candidates, long Total)> LookOverAsync(CancellationToken cancellationToken)
    {
        var candidates = new List<Candidate>();
        var total = partials.Open.Sum(blob => blob.Present);
        await foreach (var info in store.ListAsync(cancellationToken))
        {
            // What is borrowed takes no room of ours.
            total += info.IsBorrowed ? 0 : info.Size;
            if (info is { Pinned: false, IsBorrowed: false })
            {
                candidates.Add(new Candidate(info.Digest, info.Sha256, info.Size, info.LastUsed, IsPartial: false));
            }
        }

        foreach (var (digest, present, written) in partials.Leftovers())
        {
            total += present;
            candidates.Add(new Candidate(digest, digest, present, written, IsPartial: true));
        }

        return (candidates, total);
    }

    private async Task<long> TryRemoveAsync(Candidate candidate, CancellationToken cancellationToken)
    {
        try
        {
            if (candidate.IsPartial)
            {
                partials.Discard(candidate.Digest);
            }
            else if (await store.RemoveAsync(candidate.Digest, cancellationToken))
            {
                await copies.EvictedAsync(candidate.Sha256);
            }
            else
            {
                return 0;
            }

            Interlocked.Increment(ref _evictedBlobs);
            Interlocked.Add(ref _evictedBytes, candidate.Size);
            log.Evicted(candidate.Digest, candidate.Size, candidate.LastUsed);
            return candidate.Size;
        }
        catch (ContentInUseException)
        {
            // Leased, or fetched again since: it is not this round's to take.
            return 0;
        }
        catch (ContentStorageException refused)
        {
            // The others may go all the same.
            log.EvictionFailed(refused);
            return 0;
        }
    }
}
