using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Swarms.Meeting;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Provisional;

/// <summary>
/// The holder of a turn, from whom every piece comes first. It vouches for each piece to every member, and shows it to one of
/// them, so that its link carries each piece about once and the members' links the rest, as in super seeding (BEP 16). It
/// takes nothing of the others.
/// </summary>
/// <param name="spec">The blob, and the members' keys.</param>
/// <param name="vouched">The hashes of what is here.</param>
/// <param name="have">What is here.</param>
/// <param name="time">The clock.</param>
internal sealed class ProvisionalHolder(ProvisionalSpec spec, VouchedPieces vouched, Bitfield have, TimeProvider time)
    : IProvisionalRole
{
    // A piece that the one it was shown to has not told of by then is shown to all.
    private static readonly TimeSpan LonePatience = TimeSpan.FromSeconds(4);

    private readonly Dictionary<PeerSession, Member> _members = [];
    private readonly Dictionary<int, (Member Member, long At)> _lone = [];
    private readonly Bitfield _spread = new(have.Length);
    private bool _isOpen;

    /// <inheritdoc/>
    public bool Keeps(PeerSession session, PeerFact fact)
    {
        switch (fact.Kind)
        {
            case PeerFactKind.Have when fact.Index < have.Length:
                Spread(fact.Index);
                return true;
            case PeerFactKind.Have or PeerFactKind.Bitfield or PeerFactKind.MorePieces or PeerFactKind.HaveAll or PeerFactKind.Vouch:
                return true;
            default:
                return false;
        }
    }

    /// <inheritdoc/>
    public void Look(PeerSession session)
    {
        if (_members.ContainsKey(session) || session.Extension?.Pier is not { Member.IsEmpty: false } named || session.Link.Ids.Piece == 0
            || !ClaimCheck.Agrees(spec, session) || spec.KeyOf!(named.Member) is not { } key)
        {
            return;
        }

        var member = _members[session] = new Member(session, key, have.Length);
        for (var piece = 0; piece < have.Length; piece++)
        {
            if (!have[piece])
            {
                continue;
            }

            member.Vouch(piece, vouched);
            if (_isOpen || _spread[piece])
            {
                member.Show(piece);
            }
            else if (!_lone.ContainsKey(piece))
            {
                ShowToOne(piece);
            }
        }
    }

    /// <inheritdoc/>
    public bool Serves(PeerSession session) => _members.ContainsKey(session);

    /// <inheritdoc/>
    public bool Announces(int piece)
    {
        foreach (var member in _members.Values)
        {
            member.Vouch(piece, vouched);
        }

        ShowToOne(piece);
        return true;
    }

    /// <inheritdoc/>
    public void Left(PeerSession session)
    {
        if (!_members.Remove(session, out var gone))
        {
            return;
        }

        foreach (var piece in _lone.Where(entry => entry.Value.Member == gone).Select(entry => entry.Key).ToArray())
        {
            _lone.Remove(piece);
            ShowToOne(piece);
        }

        // It may have been the only other one who had them.
        ShowToAll(_spread);
    }

    /// <inheritdoc/>
    public void Tick()
    {
        if (have.IsFull && !_isOpen)
        {
            // The upstream is done: this link is free to serve like any other.
            _isOpen = true;
            ShowToAll(have);
        }

        foreach (var (piece, _) in _lone.Where(entry => time.GetElapsedTime(entry.Value.At) > LonePatience).ToArray())
        {
            Spread(piece);
            foreach (var member in _members.Values)
            {
                member.Show(piece);
            }
        }
    }

    private void Spread(int piece)
    {
        _spread.Add(piece);
        if (_lone.Remove(piece, out var shown))
        {
            shown.Member.Lone--;
        }
    }

    private void ShowToOne(int piece)
    {
        // Who wants pieces and is not served would only sit on this one.
        var best = _members.Values.Where(member => !member.IsKeptWaiting).DefaultIfEmpty(_members.Values.FirstOrDefault()).MinBy(member => member?.Lone);
        if (best is not null)
        {
            _lone[piece] = (best, time.GetTimestamp());
            best.Lone++;
            best.Show(piece);
        }
    }

    private void ShowToAll(Bitfield pieces)
    {
        foreach (var member in _members.Values)
        {
            for (var piece = 0; piece < pieces.Length; piece++)
            {
                if (pieces[piece])
                {
                    member.Show(piece);
                }
            }
        }
    }

    /// <summary>A connected member, by what it proved to be told over the node port.</summary>
    private sealed class Member(PeerSession session, byte[] key, int pieceCount)
    {
        private readonly Bitfield _shown = new(pieceCount);

        /// <summary>Pieces that only it was shown and has not told the others of.</summary>
        public int Lone { get; set; }

        public bool IsKeptWaiting => session.IsInterested && session.Link.Outbox.IsChoked;

        public void Vouch(int piece, VouchedPieces vouched)
        {
            if (vouched.TryGet(piece, out var sha256))
            {
                session.Link.Outbox.PostExtended(session.Link.Ids.Piece, PieceVouch.Sign(piece, sha256, key).Write());
            }
        }

        public void Show(int piece)
        {
            if (_shown.Add(piece))
            {
                session.Link.Outbox.PostPiece(MessageId.Have, piece);
            }
        }
    }
}
