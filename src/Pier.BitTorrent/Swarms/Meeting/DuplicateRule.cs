using Pier.BitTorrent.Peers;

namespace Pier.BitTorrent.Swarms.Meeting;

/// <summary>Which of two connections to one peer stays: where both made one, both sides choose the same without talking about it.</summary>
internal static class DuplicateRule
{
    /// <summary>Whether the new connection replaces the old one.</summary>
    /// <param name="ours">Our peer id.</param>
    /// <param name="old">The connection that is there.</param>
    /// <param name="fresh">The connection that came.</param>
    public static bool PrefersNew(PeerId ours, IPeerLink old, IPeerLink fresh)
    {
        if (old.IsOutgoing == fresh.IsOutgoing)
        {
            // Who connects again may have lost its first connection, and we have not heard of it yet. One that has carried blocks
            // is not given up for that, and from another address anybody could say this id.
            return !fresh.IsOutgoing && old.Downloaded + old.Uploaded == 0 && old.EndPoint.Address.Equals(fresh.EndPoint.Address);
        }

        // Both connected to each other at once: the connection made by the side with the greater id stays.
        Span<byte> mine = stackalloc byte[PeerId.Size];
        Span<byte> theirs = stackalloc byte[PeerId.Size];
        ours.CopyTo(mine);
        fresh.Remote.PeerId.CopyTo(theirs);
        return mine.SequenceCompareTo(theirs) > 0 == fresh.IsOutgoing;
    }
}
