using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Swarms.Meeting;

/// <summary>What a new peer hears before anything else. Part of a swarm's loop.</summary>
internal static class FirstWords
{
    /// <summary>Says it.</summary>
    /// <param name="session">The peer.</param>
    /// <param name="pieces">Null while the torrent is not known.</param>
    /// <param name="work">Writes our extension handshake.</param>
    /// <param name="uploadOnly">Whether we want nothing (BEP 21).</param>
    public static void Say(PeerSession session, PiecePhase? pieces, ISwarmWork work, bool uploadOnly)
    {
        var link = session.Link;
        if (link.Remote.Reserved.HasFlag(ReservedBits.Extensions))
        {
            link.Outbox.PostExtended(ExtensionHandshake.Id, work.OurHandshake(link, uploadOnly));
        }

        if (pieces is not null)
        {
            pieces.Join(session);
        }
        else if (link.IsFast)
        {
            link.Outbox.Post(MessageId.HaveNone);
        }
    }
}
