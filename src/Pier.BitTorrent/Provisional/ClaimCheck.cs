using Pier.BitTorrent.Swarms.Meeting;

namespace Pier.BitTorrent.Provisional;

/// <summary>Keeps apart the claims of those who hold turns for the same blob at the same time (design §4).</summary>
internal static class ClaimCheck
{
    /// <summary>Whether a peer has said that it follows this claim; one that follows another is hung up on, without blame.</summary>
    public static bool Agrees(ProvisionalSpec spec, PeerSession session)
    {
        if (session.Extension?.Pier is not { } told)
        {
            return false;
        }

        var agrees = told.Claim.Span.SequenceEqual(spec.Claim.Span);
        if (!agrees)
        {
            session.Link.Close("it follows another holder's claim");
        }

        return agrees;
    }
}
