using Pier.BitTorrent.Peers;

namespace Pier.BitTorrent.Swarms;

/// <summary>Which of two connections to one peer stays: both sides must choose the same without talking about it.</summary>
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
            // Nobody connects twice to one peer unless its first connection is gone, which we may not have heard of yet. From
            // another address anybody could say this id.
            return !fresh.IsOutgoing && old.EndPoint.Address.Equals(fresh.EndPoint.Address);
        }

        // Both connected to each other at once: the connection made by the side with the greater id stays.
        Span<byte> mine = stackalloc byte[PeerId.Size];
        Span<byte> theirs = stackalloc byte[PeerId.Size];
        ours.CopyTo(mine);
        fresh.Remote.PeerId.CopyTo(theirs);
        return mine.SequenceCompareTo(theirs) > 0 == fresh.IsOutgoing;
    }
}
