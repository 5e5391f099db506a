using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Swarms.Blocks;

/// <summary>Tells peers which pieces we have (BEP 3, 6).</summary>
internal static class PieceNews
{
    /// <summary>Tells a peer that has just connected, as briefly as it understands.</summary>
    public static void Tell(IPeerLink link, Bitfield have)
    {
        if (link.IsFast && (have.IsFull || have.Count == 0))
        {
            link.Outbox.Post(have.IsFull ? MessageId.HaveAll : MessageId.HaveNone);
        }
        else if (have.Count > 0)
        {
            var bits = new byte[have.ByteLength];
            have.CopyTo(bits);
            link.Outbox.PostRaw(MessageId.Bitfield, bits);
        }
    }

    /// <summary>Tells a peer that connected before we knew: the only chance for a bitfield was the first message (BEP 3).</summary>
    public static void TellLate(IPeerLink link, Bitfield have)
    {
        for (var piece = 0; piece < have.Length; piece++)
        {
            if (have[piece])
            {
                link.Outbox.PostPiece(MessageId.Have, piece);
            }
        }
    }
}
