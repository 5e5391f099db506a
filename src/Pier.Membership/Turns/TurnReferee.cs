using Pier.Content;
using Pier.Membership.Identity;

namespace Pier.Membership.Turns;

/// <summary>
/// Grants turns at upstreams (design §3.5): one per digest while its holder makes progress or waits for an upstream that may be slow,
/// a second when it does not or cannot be reached, never a third. A state machine on the given clock, without I/O.
/// </summary>
internal sealed class TurnReferee(TurnOptions options, TimeProvider clock)
{
    private const int MaxTurns = 2;

    private readonly Lock gate = new();
    private readonly Dictionary<Digest, LinkedListNode<DigestTurns>> digests = [];
    private readonly LinkedList<DigestTurns> byTouch = new();

    /// <summary>Digests in memory.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return digests.Count;
            }
        }
    }

    /// <summary>How long a turn lasts without progress.</summary>
    public TimeSpan Lease => options.Lease;

    /// <summary>Rules on an asker; <paramref name="unreachable"/> is a holder that it cannot stream from, or empty.</summary>
    public Ruling Ask(NodeId asker, Digest digest, NodeId unreachable)
    {
        lock (gate)
        {
            var now = clock.GetTimestamp();
            var turns = Touch(digest, now);
            if (turns.Of(asker) is { } own && !own.HasLapsed(now))
            {
                own.LeaseUntil = now + Ticks(options.Lease);
                return Ruling.Granted;
            }

            if (turns.DoneBy == unreachable || turns.DoneBy == asker || turns.DoneUntil <= now)
            {
                turns.DoneBy = default;
            }

            return turns.DoneBy.IsEmpty ? AmongRunning(turns, asker, unreachable, now) : new Ruling(turns.DoneBy, IsDone: true);
        }
    }

    /// <summary>
    /// Notes progress in bytes, which renews the lease; where an upstream may be silent for long before its first byte, the word that
    /// its holder still waits does so, too. A turn unknown here, after a restart of the referee or after it lapsed, is taken up again
    /// where there is room and bytes, or that word, have come since.
    /// </summary>
    /// <returns>False when the node has no turn (any more).</returns>
    public bool Renew(NodeId holder, Digest digest, long progress, bool isWaiting)
    {
        lock (gate)
        {
            var now = clock.GetTimestamp();
            var turns = Touch(digest, now);
            var turn = turns.Of(holder);
            var moved = turn is null || progress > turn.Progress;
            if (turn is null || turn.HasLapsed(now))
            {
                if (!(moved || isWaiting) || turns.Running(now).Count() >= MaxTurns)
                {
                    return false;
                }

                turn = turns.Add(holder);
            }

            if (moved)
            {
                turn.Progress = progress;
                turn.ProgressAt = now;
            }

            if (isWaiting)
            {
                turn.WaitedAt = now;
            }

            if (moved || isWaiting)
            {
                turn.LeaseUntil = now + Ticks(options.Lease);
            }

            return true;
        }
    }

    /// <summary>Ends a turn; from one that never held it, nothing is believed.</summary>
    public void Release(NodeId holder, Digest digest, TurnOutcome outcome)
    {
        lock (gate)
        {
            var now = clock.GetTimestamp();
            var turns = Touch(digest, now);
            if (turns.Remove(holder) && outcome == TurnOutcome.Done)
            {
                turns.DoneBy = holder;
                turns.DoneUntil = now + Ticks(options.RememberDone);
            }
        }
    }

    private Ruling AmongRunning(DigestTurns turns, NodeId asker, NodeId unreachable, long now)
    {
        Turn? best = null;
        var running = 0;
        var useless = 0;
        foreach (var turn in turns.Running(now))
        {
            running++;
            var stalled = now - turn.AliveAt >= Ticks(options.SecondTurnAfter);
            useless += stalled || turn.Holder == unreachable ? 1 : 0;
            if (best is null || best.Holder == unreachable
                || (turn.Holder != unreachable && (turn.ProgressAt, turn.Progress).CompareTo((best.ProgressAt, best.Progress)) > 0))
            {
                best = turn;
            }
        }

        if (best is null || (running == useless && running < MaxTurns))
        {
            var granted = turns.Add(asker);
            granted.ProgressAt = now;
            granted.LeaseUntil = now + Ticks(options.Lease);
            return Ruling.Granted;
        }

        return new Ruling(best.Holder, IsDone: false);
    }

    private DigestTurns Touch(Digest digest, long now)
    {
        if (digests.TryGetValue(digest, out var node))
        {
            byTouch.Remove(node);
            byTouch.AddLast(node);
            return node.Value;
        }

        // Two looked at for each one added: memory of finished digests drains without a sweep.
        for (var looked = 0; looked < 2 && byTouch.First is { } oldest && (digests.Count >= options.MaxDigests || oldest.Value.IsIdle(now)); looked++)
        {
            byTouch.RemoveFirst();
            digests.Remove(oldest.Value.Digest);
        }

        return (digests[digest] = byTouch.AddLast(new DigestTurns(digest))).Value;
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * clock.TimestampFrequency);
}
