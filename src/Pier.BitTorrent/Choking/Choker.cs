namespace Pier.BitTorrent.Choking;

/// <summary>
/// Decides who is served (BEP 3): every ten seconds the interested peers that give us most, or, once we seed, take most; and
/// one more at random, so that newcomers get a chance and better peers are found. That one is served for thirty seconds, or
/// until it has something to trade; of a few drawn it is the one that has least, so that nobody is left behind in a crowd.
/// </summary>
/// <param name="slots">Peers served besides the optimistic one; at least 4.</param>
/// <param name="random">Picks the optimistic one.</param>
/// <param name="time">The clock.</param>
internal sealed class Choker(int slots, Random random, TimeProvider time)
{
    /// <summary>Time between two decisions.</summary>
    public static readonly TimeSpan Round = TimeSpan.FromSeconds(10);

    /// <summary>How long the optimistic peer is served at most.</summary>
    public static readonly TimeSpan OptimisticRound = TimeSpan.FromSeconds(30);

    /// <summary>Bytes after which the optimistic peer has something to trade: a few pieces.</summary>
    public const long Introduction = 4 << 20;

    private const int FewestServed = 1;

    // More would have everybody serve the same one.
    private const int Draws = 3;

    // Newcomers are three times as likely to be the optimistic one (BEP 3).
    private const int NewcomerWeight = 3;
    private static readonly TimeSpan Newcomer = TimeSpan.FromMinutes(1);

    private readonly int _slots = Math.Max(4, slots);
    private readonly HashSet<object> _unchoked = [];
    private object? _optimistic;
    private long? _decidedAt;
    private long _optimisticAt;
    private long _optimisticHad;

    /// <summary>Peers served besides the optimistic one for now.</summary>
    public int Limit { get; private set; } = Math.Max(4, slots);

    /// <summary>Who is served.</summary>
    public IReadOnlySet<object> Unchoked => _unchoked;

    /// <summary>The one served at random; null when there is none.</summary>
    public object? Optimistic => _optimistic;

    /// <summary>Whether a decision is due.</summary>
    public bool IsDue => _decidedAt is not { } last || time.GetElapsedTime(last) >= Round;

    /// <summary>Decides anew.</summary>
    /// <param name="peers">All peers.</param>
    /// <param name="seeding">Judge by what peers take from us, because we want nothing.</param>
    public void Decide(IReadOnlyList<ChokeCandidate> peers, bool seeding)
    {
        _decidedAt = time.GetTimestamp();
        var ranked = peers.Where(peer => peer.IsInterested && (seeding || !peer.IsSnubbing)).ToList();
        ranked.Sort((a, b) => Merit(b, seeding).CompareTo(Merit(a, seeding)));
        _unchoked.Clear();
        foreach (var peer in ranked.Take(Limit))
        {
            _unchoked.Add(peer.Key);
        }

        ChooseOptimistic(peers);
        if (_optimistic is not null)
        {
            _unchoked.Add(_optimistic);
        }
    }

    /// <summary>Between decisions: another one is served at random if the last has got enough; false when nothing changes.</summary>
    /// <param name="peers">All peers.</param>
    public bool TryRotate(IReadOnlyList<ChokeCandidate> peers)
    {
        var last = _optimistic;
        if (last is not null && IsIntroduced(peers, last))
        {
            _unchoked.Remove(last);
            ChooseOptimistic(peers);
            _unchoked.Add(_optimistic!);
        }

        return !ReferenceEquals(_optimistic, last);
    }

    /// <summary>
    /// Serves a newly interested peer at once while slots are free, rather than let it wait for the next round; false when all
    /// are taken.
    /// </summary>
    public bool TryAdmit(object peer) => HasRoom && _unchoked.Add(peer);

    /// <summary>Whether a place is free.</summary>
    public bool HasRoom => _unchoked.Count <= Limit;

    /// <summary>
    /// We have so many pieces: no more peers are served than that. One that goes to nine peers at once comes to each nine times later,
    /// and all of them wait with it alone.
    /// </summary>
    /// <returns>Whether more are served than before.</returns>
    public bool Hold(int pieces)
    {
        var before = Limit;
        Limit = Math.Min(_slots, Math.Max(FewestServed, pieces));
        return Limit > before;
    }

    /// <summary>Forgets a peer that left or lost interest.</summary>
    public void Remove(object peer)
    {
        _unchoked.Remove(peer);
        if (ReferenceEquals(_optimistic, peer))
        {
            _optimistic = null;
        }
    }

    private static double Merit(ChokeCandidate peer, bool seeding) => seeding ? peer.UploadRate : peer.DownloadRate;

    private void ChooseOptimistic(IReadOnlyList<ChokeCandidate> peers)
    {
        var previous = StillChoked(peers, _optimistic);
        if (previous is not null && time.GetElapsedTime(_optimisticAt) < OptimisticRound && !IsIntroduced(peers, previous))
        {
            return;
        }

        _optimisticAt = time.GetTimestamp();
        var tickets = peers
            .Where(peer => peer.IsInterested && !_unchoked.Contains(peer.Key) && !ReferenceEquals(peer.Key, previous))
            .SelectMany(peer => Enumerable.Repeat(peer, peer.ConnectedFor < Newcomer ? NewcomerWeight : 1))
            .ToList();
        if (tickets.Count == 0)
        {
            _optimistic = previous;
            return;
        }

        var chosen = Enumerable.Range(0, Draws).Select(_ => tickets[random.Next(tickets.Count)]).MinBy(peer => peer.Pieces);
        (_optimistic, _optimisticHad) = (chosen.Key, chosen.Uploaded);
    }

    private bool IsIntroduced(IReadOnlyList<ChokeCandidate> peers, object optimistic) =>
        peers.Any(peer => ReferenceEquals(peer.Key, optimistic) && peer.Uploaded - _optimisticHad >= Introduction);

    private object? StillChoked(IReadOnlyList<ChokeCandidate> peers, object? previous) =>
        previous is not null
        && !_unchoked.Contains(previous)
        && peers.Any(peer => ReferenceEquals(peer.Key, previous) && peer.IsInterested)
            ? previous
            : null;
}
