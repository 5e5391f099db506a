using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Swarms.Meeting;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Provisional;

/// <summary>Who follows the holder of a turn: a piece counts as had by a peer only once the holder vouches for it.</summary>
/// <param name="spec">The blob, and the key shared with the holder.</param>
/// <param name="vouched">Takes the hashes.</param>
/// <param name="peers">Everyone connected.</param>
/// <param name="pieceCount">Pieces of the blob.</param>
/// <param name="apply">Applies what waited for a vouch.</param>
/// <param name="after">Ends the application of what one peer said.</param>
internal sealed class ProvisionalFollower(
    ProvisionalSpec spec, VouchedPieces vouched, PeerTable peers, int pieceCount, Action<PeerSession, PeerFact> apply, Action<PeerSession> after)
    : IProvisionalRole
{
    private readonly Dictionary<PeerSession, Bitfield> _early = [];
    private readonly HashSet<PeerSession> _agreeing = [];

    /// <inheritdoc/>
    public bool Keeps(PeerSession session, PeerFact fact)
    {
        switch (fact.Kind)
        {
            case PeerFactKind.Have when fact.Index < pieceCount && !vouched.TryGet(fact.Index, out _):
                EarlyOf(session).Add(fact.Index);
                return true;
            case PeerFactKind.Bitfield or PeerFactKind.MorePieces:
                Has(session, Bitfield.Parse((byte[])fact.Payload!, pieceCount));
                return true;
            case PeerFactKind.HaveAll:
                var all = new Bitfield(pieceCount);
                all.Fill();
                Has(session, all);
                return true;
            case PeerFactKind.Vouch:
                Vouch(PieceVouch.Parse((byte[])fact.Payload!));
                return true;
            default:
                return false;
        }
    }

    /// <inheritdoc/>
    public void Look(PeerSession session)
    {
        if (!_agreeing.Contains(session) && ClaimCheck.Agrees(spec, session))
        {
            _agreeing.Add(session);
        }
    }

    /// <inheritdoc/>
    public bool Serves(PeerSession session) => _agreeing.Contains(session);

    /// <inheritdoc/>
    public bool Announces(int piece) => false;

    /// <inheritdoc/>
    public void Left(PeerSession session)
    {
        _early.Remove(session);
        _agreeing.Remove(session);
    }

    /// <inheritdoc/>
    public void Tick()
    {
        // Nothing waits for time to pass.
    }

    private Bitfield EarlyOf(PeerSession session)
    {
        if (!_early.TryGetValue(session, out var early))
        {
            early = _early[session] = new Bitfield(pieceCount);
        }

        return early;
    }

    private void Has(PeerSession session, Bitfield pieces)
    {
        for (var piece = 0; piece < pieces.Length; piece++)
        {
            if (pieces[piece])
            {
                apply(session, new PeerFact(PeerFactKind.Have, piece));
            }
        }
    }

    private void Vouch(PieceVouch vouch)
    {
        if (vouch.Index >= pieceCount || !vouch.IsSignedWith(spec.Key.Span))
        {
            throw new WireException($"a vouch for piece {vouch.Index} that the turn's holder did not give");
        }

        if (!vouched.TryAdd(vouch.Index, vouch.Sha256))
        {
            return;
        }

        foreach (var session in peers.Sessions)
        {
            if (_early.TryGetValue(session, out var early) && early[vouch.Index])
            {
                apply(session, new PeerFact(PeerFactKind.Have, vouch.Index));
                after(session);
            }
        }
    }
}
