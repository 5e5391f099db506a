using Pier.BitTorrent.Swarms.Meeting;

namespace Pier.BitTorrent.Swarms.Blocks;

/// <summary>How many requests are kept outstanding with a peer: enough to keep it busy, not so many that others cannot help.</summary>
internal static class Pipeline
{
    /// <summary>Requests outstanding with a peer of unknown speed.</summary>
    public const int Start = 32;

    private const int Least = 4;

    // Some peers send what they were asked for in one go and look again half a second later (Transmission 3 does). Then the pace is
    // that of the asking: each burst with a pause after it allows twice as much, up to this. It must be a good part of what was asked
    // for; as much again may have been asked for since it was sent.
    private const int MostInBursts = 128;

    // Time over which a peer's speed is taken.
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(100);

    // What a peer may have queued beyond two round trips: a loop's hiccup, or its turn among others at a slow sender.
    private static readonly TimeSpan QueueTime = TimeSpan.FromMilliseconds(150);

    // What waits together for a web server becomes one request to it, and each costs a round trip and its work.
    private static readonly TimeSpan WebQueueTime = TimeSpan.FromSeconds(2);

    // A first block that was long in coming waited for its turn; the way itself is rarely longer.
    private static readonly TimeSpan LongestRoundTrip = TimeSpan.FromSeconds(1);

    /// <summary>A block came: from how fast they come follows how many are kept on their way.</summary>
    /// <param name="session">The peer that sent it.</param>
    /// <param name="unit">Blocks of 16 KiB that it counts for.</param>
    /// <param name="time">The clock.</param>
    /// <param name="bound">The most that may be outstanding.</param>
    public static void Received(PeerSession session, int unit, TimeProvider time, int bound)
    {
        var now = time.GetTimestamp();
        var pauses = session.RoundTrip is { } usual && time.GetElapsedTime(session.LastBlockAt, now) > QueueTime + 2 * usual;
        if (pauses && session.Burst > 1 && session.Burst * unit >= session.PipelineTarget / 3)
        {
            session.PipelineTarget = Math.Max(session.PipelineTarget, Math.Min(2 * session.PipelineTarget, Math.Min(MostInBursts, bound)));
            (session.PacedAt, session.RecentBlocks) = (now, 0);
        }

        session.Burst = pauses ? 1 : session.Burst + 1;
        if (session.IsTimed)
        {
            // Asked while nothing was outstanding, the first block takes a round trip and its turn at the sender.
            session.IsTimed = false;
            var took = time.GetElapsedTime(session.LastBlockAt, now);
            session.RoundTrip = session.RoundTrip is { } least && least < took ? least : took;
            (session.PacedAt, session.RecentBlocks) = (now, 0);
        }
        else
        {
            session.RecentBlocks += unit;
            var elapsed = time.GetElapsedTime(session.PacedAt, now);
            if (elapsed >= Window)
            {
                var queued = session.Link.Origin.IsWebSeed ? WebQueueTime : QueueTime;
                session.PipelineTarget = Settle(session.RecentBlocks / elapsed.TotalSeconds, session.RoundTrip, queued, bound);
                (session.PacedAt, session.RecentBlocks) = (now, 0);
            }
        }

        session.LastBlockAt = now;
    }

    // What the peer sends in two round trips and a little, so that it may speed up and is never idle, and what is asked of it is
    // not kept from faster peers for long.
    private static int Settle(double blocksPerSecond, TimeSpan? roundTrip, TimeSpan queued, int bound)
    {
        var way = roundTrip is { } known && known < LongestRoundTrip ? known : LongestRoundTrip;
        return Math.Clamp((int)(blocksPerSecond * (queued + 2 * way).TotalSeconds), Math.Min(Least, bound), bound);
    }
}
