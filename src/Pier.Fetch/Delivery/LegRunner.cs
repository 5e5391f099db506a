using Pier.Content.Contracts;
using Pier.Distribution.Credentials;
using Pier.Fetch.Ladder;
using Pier.Fetch.Sources.Swarms;

namespace Pier.Fetch.Delivery;

/// <summary>Carries one leg from the choice of its source to its end, and turns every way to end into a <see cref="LegEnd"/>.</summary>
internal sealed class LegRunner(BlobFetch fetch, FetchParts parts)
{
    /// <summary>Chooses, probes, delivers, in the name of one who asks. Never throws.</summary>
    public async Task<LegEnd> RunAsync(
        Leg leg, CallerLogin? login, Func<CancellationToken, ValueTask<Candidate?>> choose, CancellationToken cancellationToken)
    {
        // What flows here is the login of whoever began the fetch.
        CallerLogin.Current = login;
        try
        {
            return await choose(cancellationToken) is { } candidate
                ? await DeliverAsync(leg, candidate, cancellationToken)
                : new LegEnd(LegOutcome.NotHere);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return leg.StopOutcome == LegOutcome.Broke
                ? new LegEnd(LegOutcome.Broke, new ContentUnavailableException(leg.StopReason ?? "stopped"))
                : new LegEnd(LegOutcome.Stopped);
        }
        catch (ContentException failure)
            when (failure is ContentNotFoundException or ContentDeniedException or ContentMismatchException)
        {
            if (failure is ContentMismatchException && leg.Chosen is { Trust: SourceTrust.AfterSeal } stranger)
            {
                parts.Bans.Blame(fetch.Digest, [stranger]);
            }
            return new LegEnd(LegOutcome.Refused, failure);
        }
        catch (ContentException failure)
        {
            return new LegEnd(LegOutcome.Broke, failure);
        }
        catch (Exception failure)
        {
            // A source must wrap what it meets; one that does not may still not take the fetch down.
            LogMessages.LegFaulted(parts.Logger, failure, fetch.Digest, leg.Name);
            return new LegEnd(LegOutcome.Broke, new ContentUnavailableException($"unexpected: {failure.Message}", failure));
        }
    }

    private async Task<LegEnd> DeliverAsync(Leg leg, Candidate candidate, CancellationToken cancellationToken)
    {
        leg.Choose(candidate);
        var complete = false;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // Told of from the first moment: an upstream may take longer to its first byte than a lease lasts.
        var renewing = candidate.Turn?.RenewAsync(() => leg.Bytes, ended.Token) ?? Task.CompletedTask;
        try
        {
            if (parts.Bans.Has(fetch.Digest, candidate.Name))
            {
                return new LegEnd(
                    LegOutcome.Refused,
                    new ContentMismatchException("its bytes did not match this digest a short while ago; it is not asked again yet"));
            }

            var offer = await candidate.Source.ProbeAsync(fetch.Request, cancellationToken);
            if (offer is null)
            {
                return new LegEnd(LegOutcome.NotHere, new ContentNotFoundException("does not have it"));
            }

            await using var held = offer as IAsyncDisposable;
            try
            {
                var blob = await fetch.AcceptAsync(offer, cancellationToken);
                await using var pieces = candidate.Turn is null || parts.Provisional is not { } desk
                    ? null
                    : await desk.HoldAsync(fetch.Request, blob, cancellationToken);
                fetch.Torrent.Settle();
                // The torrent of a swarm that has one is known.
                var torrent = candidate.Source is SwarmSource ? null : fetch.Torrent.Current;
                await candidate.Source.FetchAsync(offer, new LegSink(fetch, blob, leg, torrent, pieces, parts.Clients), cancellationToken);
            }
            finally
            {
                BanFalseSize(candidate, offer);
            }
            complete = fetch.IsGathered;
            return new LegEnd(LegOutcome.Done);
        }
        finally
        {
            await ended.CancelAsync();
            await renewing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (candidate.Turn is { } turn)
            {
                await fetch.Turns.ReturnAsync(turn, complete);
            }
        }
    }

    /// <summary>A stranger's size waits for somebody who is believed, who may come at any time after it.</summary>
    private void BanFalseSize(Candidate candidate, ContentOffer offer)
    {
        if (candidate.Trust == SourceTrust.AfterSeal && fetch.Request.Size is { } size && size != offer.Size)
        {
            parts.Bans.Blame(fetch.Digest, [candidate]);
        }
    }
}
