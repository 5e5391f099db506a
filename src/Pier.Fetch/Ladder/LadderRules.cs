namespace Pier.Fetch.Ladder;

/// <summary>
/// Decides, without doing anything, which source a fetch asks next (design §3.5). Pure, so that every rule is
/// tested by a picture of the moment.
/// </summary>
internal sealed class LadderRules(FetchOptions options)
{
    // What a sign tells of at least (BEP 3), and of other pieces what comes beside the first: each peer is asked for half a mebibyte at once.
    private const long Block = 16 << 10;
    private const long Beside = 2 << 20;

    /// <summary>The next step for this moment.</summary>
    public LadderStep Decide(LadderView view)
    {
        if (Stalled(view.Peer, view))
        {
            return Do(LadderAction.DropPeer);
        }
        if (Stalled(view.Upstream, view))
        {
            return Do(LadderAction.DropUpstream);
        }
        if (view is { Peer.Rung: Rung.Strangers, Upstream.Delivers: true })
        {
            // What can be shown wins over what has to wait for the seal, however fast that comes.
            return Do(LadderAction.YieldPeer);
        }
        if (view.Upstream is not null && KeepsUpstreamAway(view))
        {
            return Do(LadderAction.YieldUpstream);
        }
        if (view is { Peer.Delivers: true, Upstream.Delivers: true })
        {
            return Do(LadderAction.YieldPeer);
        }
        if (view.Peer is null && view.Candidates > 0)
        {
            return Do(LadderAction.StartPeer);
        }
        if (MaySearch(view))
        {
            return Do(LadderAction.Search);
        }
        if (MayAscend(view))
        {
            return Do(LadderAction.StartUpstream);
        }
        if (MayTurnToStrangers(view) && (view.MayMeet || (view.Strangers > 0 && view.Now >= view.StrangersAt)))
        {
            return Do(view.MayMeet ? LadderAction.Meet : LadderAction.StartStranger);
        }
        return IsHopeless(view) ? Do(LadderAction.GiveUp) : new LadderStep(LadderAction.Wait, NextDue(view));
    }

    private static LadderStep Do(LadderAction action) => new(action, TimeSpan.Zero);

    private TimeSpan StallDue(LegView leg, LadderView view)
    {
        if (leg.IsStopping)
        {
            return TimeSpan.MaxValue;
        }
        if ((leg.LastSign ?? leg.LastProgress) is { } alive)
        {
            return Shorter(alive, (leg.LastProgress ?? leg.Started) + PieceTime(view)) + (leg.Patience?.Stall ?? options.StallTimeout);
        }
        return leg.Started + (leg.Patience?.FirstByte ?? (leg.Rung == Rung.Upstream ? options.UpstreamFirstByteTimeout : options.PeerFirstByteTimeout));
    }

    private bool Stalled(LegView? leg, LadderView view) => leg is { } at && view.Now >= StallDue(at, view);

    /// <summary>
    /// How long signs of life count without a whole piece: for as long as one, and what comes beside it, takes when nothing but a stall would
    /// be slower, a block in each stall's time. So the slowest line gets its pieces, and who sends blocks for ever and never a piece comes to an end.
    /// </summary>
    private TimeSpan PieceTime(LadderView view) => options.StallTimeout * ((view.PieceLength + Beside) / Block);

    /// <summary>
    /// A young leg is given a stall's time to gather speed before its rate is held against it. Blocks of a first piece that
    /// is not whole yet count: a swarm that has begun is not raced by a second way to the same peer.
    /// </summary>
    private bool DeliversWell(LegView? leg, TimeSpan now) =>
        leg is { IsStopping: false } at && (at.Delivers || at.LastSign is not null) && (at.Rate >= options.SlowRate || now < RateDue(at));

    private TimeSpan RateDue(LegView leg) => leg.Started + options.StallTimeout;

    private static bool MaySearch(LadderView view) =>
        view.Peer is null && view.SearchStarted is null && view.Upstream is not { Delivers: true } && view.Now >= view.SearchAt;

    private bool MayAscend(LadderView view)
    {
        if (view.Upstream is not null || view.UpstreamAt is not { } at || view.Now < at)
        {
            return false;
        }
        if (view.Peer is null or { Rung: Rung.Strangers } && view.SearchStarted is null)
        {
            // No member claims the blob: upstream at once. Strangers never hold it up.
            return true;
        }
        return !KeepsUpstreamAway(view) && view.Now >= HedgeDue(view);
    }

    private bool KeepsUpstreamAway(LadderView view) =>
        view.Peer is { Rung: not Rung.Strangers } && DeliversWell(view.Peer, view.Now);

    /// <summary>Members have been asked in vain, and the upstream is not there or has failed.</summary>
    private static bool MayTurnToStrangers(LadderView view) =>
        view is { Peer: null, Candidates: 0, SearchStarted: null, Upstream: null }
        && (view.UpstreamAt is null || view.UpstreamFailures > 0);

    private TimeSpan HedgeDue(LadderView view) =>
        view.PeersSince + (view.Peer is null ? options.HedgeDelay : options.HolderPatience);

    private bool IsHopeless(LadderView view)
    {
        if (view.Peer is not null || view.Upstream is not null || view.SearchStarted is not null)
        {
            return false;
        }
        if (view.MeetingSince is { } met && view.Now < met + options.MeetingPatience)
        {
            return false;
        }
        if (view.Accepted)
        {
            return view.Now >= BodyDue(view);
        }
        return view.UpstreamAt is null
            || view.UpstreamFailures >= options.OpenTries
            || (!OwesTry(view) && view.Now >= OpenDue(view));
    }

    /// <summary>Where somebody could be asked, tries count and not the time that the first of them took.</summary>
    private bool OwesTry(LadderView view) => Tries(view) is var tries && tries > 0 && tries < options.OpenTries;

    /// <summary>
    /// Members that break off at once are no reason to end early, as this node may have a turn next, nor to go on for ever:
    /// all tries together may take as long as they would at the upstream.
    /// </summary>
    private TimeSpan OpenDue(LadderView view) =>
        view.OpenSince + (Longer(options.OpenPatience, view.RegistryPatience.FirstByte) * Math.Clamp(Tries(view), 1, options.OpenTries));

    private static int Tries(LadderView view) => view.UpstreamFailures + view.FollowFailures;

    /// <summary>
    /// Others are left as much time after a registry that may be silent for long, before its first byte or later, as after any. While a
    /// piece comes in blocks the body does not stand still, though no reader sees that yet.
    /// </summary>
    private TimeSpan BodyDue(LadderView view) => Alive(view) + options.BodyPatience + Longer(
        Longer(view.RegistryPatience.Stall - options.StallTimeout, view.RegistryPatience.FirstByte - options.UpstreamFirstByteTimeout), TimeSpan.Zero);

    private TimeSpan Alive(LadderView view) => Longer(view.LastProgress, Shorter(view.LastSign, view.LastProgress + PieceTime(view)));

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private TimeSpan NextDue(LadderView view)
    {
        var due = view.Accepted ? BodyDue(view) : OpenDue(view);
        if (due <= view.Now)
        {
            due = TimeSpan.MaxValue;
        }
        Earlier(view.Peer is { } peer ? StallDue(peer, view) : null);
        Earlier(view.Upstream is { } upstream ? StallDue(upstream, view) : null);
        Earlier(view.Peer is null && view.SearchStarted is null && view.Upstream is not { Delivers: true } ? view.SearchAt : null);
        Earlier(view.MeetingSince + options.MeetingPatience);
        Earlier(view is { Peer: null, Strangers: > 0 } ? view.StrangersAt : null);
        Earlier(view.Upstream is null ? view.UpstreamAt : null);
        Earlier(view.Upstream is null && view.UpstreamAt is not null ? HedgeDue(view) : null);
        // Rates change without an event: look again each second while a peer delivers.
        Earlier(view.Peer is { Delivers: true } ? view.Now + TimeSpan.FromSeconds(1) : null);
        return due;

        void Earlier(TimeSpan? candidate)
        {
            if (candidate is { } at && at > view.Now && at < due)
            {
                due = at;
            }
        }
    }
}
