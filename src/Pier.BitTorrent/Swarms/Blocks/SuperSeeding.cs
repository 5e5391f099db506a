using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Swarms.Meeting;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Swarms.Blocks;

/// <summary>
/// Super seeding (BEP 16): a seed that claims to have nothing and shows each peer a few pieces that nobody else has, and more
/// once those have been seen to pass on. So little more than one copy leaves it until all is out. Part of a swarm's loop.
/// </summary>
internal sealed class SuperSeeding(PieceBoard board, IReadOnlyCollection<PeerSession> sessions, Random random, TimeProvider time)
{
    private const int LeastShown = 4;

    // Of small pieces more: what a peer was shown is all that it can ask for until somebody else has had some of it.
    private const int BytesShown = 1 << 20;

    // A peer that does not pass on what it got is given more all the same, only slowly.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // A piece that a peer was shown and does not take is shown to others.
    private static readonly TimeSpan Claim = TimeSpan.FromSeconds(60);

    private readonly int _shownAtOnce = Math.Max(LeastShown, BytesShown / board.Grid.PieceLength);
    private readonly Dictionary<PeerSession, Audience> _audience = [];

    /// <summary>A peer connected.</summary>
    public void Join(PeerSession session)
    {
        _audience[session] = new Audience { ProgressAt = time.GetTimestamp() };
        if (session.Link.IsFast)
        {
            session.Link.Outbox.Post(MessageId.HaveNone);
        }
    }

    /// <summary>A peer has gone.</summary>
    public void Left(PeerSession session) => _audience.Remove(session);

    /// <summary>A peer got a piece: whoever was shown it and passed it on may see the next.</summary>
    public void Has(PeerSession session, int piece)
    {
        foreach (var (other, audience) in _audience)
        {
            if (ReferenceEquals(other, session))
            {
                audience.ProgressAt = time.GetTimestamp();
            }
            else if (session.Pieces![piece] && other.Pieces?[piece] == true && audience.Shown.RemoveAll(shown => shown.Piece == piece) > 0)
            {
                Show(other, audience);
            }
        }
    }

    /// <summary>Once a second.</summary>
    public void Tick()
    {
        foreach (var (session, audience) in _audience)
        {
            audience.Shown.RemoveAll(shown => IsOver(session, audience, shown));
            Show(session, audience);
        }
    }

    private bool IsOver(PeerSession session, Audience audience, Shown shown) =>
        session.Pieces?[shown.Piece] == true
            ? time.GetElapsedTime(audience.ProgressAt) > Patience || sessions.All(other => other.Pieces?[shown.Piece] == true)
            : time.GetElapsedTime(shown.At) > Claim;

    private void Show(PeerSession session, Audience audience)
    {
        while (session.Pieces is { IsFull: false } pieces && audience.Shown.Count < _shownAtOnce && Choose(pieces, audience) is { } piece)
        {
            audience.Shown.Add(new Shown(piece, time.GetTimestamp()));
            audience.Seen.Add(piece);
            session.Link.Outbox.PostPiece(MessageId.Have, piece);
        }
    }

    /// <summary>A piece that nobody has or was shown; to a peer that gets nothing from the others, the rarest.</summary>
    private int? Choose(Bitfield pieces, Audience audience)
    {
        var starved = time.GetElapsedTime(audience.ProgressAt) > Patience;
        var shown = _audience.Values.SelectMany(other => other.Shown).Select(other => other.Piece).ToHashSet();
        var (best, rarity) = (-1, starved ? int.MaxValue : 1);
        var start = random.Next(pieces.Length);
        for (var step = 0; step < pieces.Length && rarity > 0; step++)
        {
            var piece = (start + step) % pieces.Length;
            if (!pieces[piece] && !audience.Seen.Contains(piece)
                && board.AvailabilityOf(piece) + (shown.Contains(piece) ? 1 : 0) is var copies && copies < rarity)
            {
                (best, rarity) = (piece, copies);
            }
        }

        return best < 0 ? null : best;
    }

    private readonly record struct Shown(int Piece, long At);

    private sealed class Audience
    {
        public List<Shown> Shown { get; } = [];

        public HashSet<int> Seen { get; } = [];

        public long ProgressAt { get; set; }
    }
}
