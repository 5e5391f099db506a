using Microsoft.Extensions.Logging;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Store.Partial;

namespace Pier.Store.Eviction;

/// <summary>
/// Keeps the store within its quota: what was used least recently goes first, and what no other node is known to keep goes after
/// all else; what is pinned, leased or arriving stays (design §5).
/// </summary>
public sealed class Evictor(IContentStore store, PartialBlobs partials, QuotaOptions options, ICopies copies, TimeProvider clock, ILogger<Evictor> log)
{
    /// <summary>Looks the store over again and again until the token ends it; the host owns the task.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (options.Bytes is null)
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

    /// <summary>Removes blobs until the store is within its quota, or nothing more may go.</summary>
    /// <returns>Bytes freed.</returns>
    /// <exception cref="ContentStorageException">The disk refused.</exception>
    public async Task<long> EvictAsync(CancellationToken cancellationToken)
    {
        if (options.Bytes is not { } quota)
        {
            return 0;
        }

        var (candidates, total) = await LookOverAsync(cancellationToken);
        var freed = 0L;
        var lastCopies = new List<Candidate>();
        foreach (var candidate in candidates.OrderBy(candidate => candidate.LastUsed))
        {
            if (total - freed <= quota)
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
            if (total - freed <= quota)
            {
                return freed;
            }

            freed += await TryRemoveAsync(candidate, cancellationToken);
        }

        if (total - freed > quota)
        {
            log.OverQuota(total - freed, quota);
        }

        return freed;
    }

    private async Task<(List<Candidate> Candidates, long Total)> LookOverAsync(CancellationToken cancellationToken)
    {
        var candidates = new List<Candidate>();
        var total = partials.Open.Sum(blob => blob.Present);
        await foreach (var info in store.ListAsync(cancellationToken))
        {
            total += info.Size;
            if (!info.Pinned)
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
