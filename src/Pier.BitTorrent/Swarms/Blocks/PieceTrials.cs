using Pier.BitTorrent.Hashing;
using Pier.BitTorrent.Metadata;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Swarms.Meeting;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Swarms.Blocks;

/// <summary>
/// Pieces that failed their hash and are held until peers have told the hashes of their blocks (BEP 52): then the good blocks
/// are kept, the bad ones asked for again, and exactly those who sent them are banned. Part of a swarm's loop.
/// </summary>
/// <param name="metainfo">The torrent.</param>
/// <param name="sessions">All peers; a live view.</param>
/// <param name="time">The clock.</param>
/// <param name="judged">Takes a piece whose blocks are judged: which are good.</param>
/// <param name="givenUp">Takes a piece of which nobody could tell.</param>
internal sealed class PieceTrials(
    Metainfo metainfo,
    IReadOnlyCollection<PeerSession> sessions,
    TimeProvider time,
    Action<PieceOutcome, Bitfield> judged,
    Action<PieceOutcome> givenUp)
{
    // Each holds a whole piece in memory.
    private const int MaxTrials = 8;
    private const int AskedAtOnce = 2;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Dictionary<int, Trial> _trials = [];

    /// <summary>Begins a trial; false when nobody can be asked.</summary>
    public bool TryBegin(PieceOutcome outcome)
    {
        if (_trials.Count >= MaxTrials
            || !BlockTree.Covers(metainfo, outcome.Piece)
            || BlockProof.RequestFor(metainfo, outcome.Piece) is not { } request)
        {
            return false;
        }

        var trial = new Trial(outcome, request);
        Ask(trial);
        if (trial.Asked.Count == 0)
        {
            return false;
        }

        _trials.Add(outcome.Piece, trial);
        return true;
    }

    /// <summary>A peer sent hashes.</summary>
    /// <returns>False when they do not hash to what the torrent says: it lied. Null when nobody asked for them here.</returns>
    /// <exception cref="WireException">The message is malformed.</exception>
    public bool? Receive(PeerSession session, ReadOnlySpan<byte> payload)
    {
        var request = HashRequest.ParseAnswer(payload, out var nodes);
        if (Find(session, request) is not { } trial)
        {
            return null;
        }

        trial.Asked.Remove(session);
        trial.Unable.Add(session);
        var piece = trial.Outcome.Piece;
        if (!BlockProof.Proves(metainfo, piece, request, nodes))
        {
            GoOn(trial);
            return false;
        }

        var good = trial.Outcome.Evidence!.GoodAgainst(nodes[..(request.Length * MerkleTree.HashSize)]);
        _trials.Remove(piece);
        judged(trial.Outcome, good);
        return true;
    }

    /// <summary>A peer will not tell; false when nobody asked it here.</summary>
    public bool Reject(PeerSession session, HashRequest request)
    {
        if (Find(session, request) is not { } trial)
        {
            return false;
        }

        Drop(trial, session);
        return true;
    }

    /// <summary>A peer has gone.</summary>
    public void Left(PeerSession session)
    {
        foreach (var trial in _trials.Values.Where(trial => trial.Asked.ContainsKey(session)).ToArray())
        {
            Drop(trial, session);
        }
    }

    /// <summary>Once a second.</summary>
    public void Tick()
    {
        foreach (var trial in _trials.Values.ToArray())
        {
            foreach (var (late, _) in trial.Asked.Where(asked => time.GetElapsedTime(asked.Value) > Patience).ToArray())
            {
                trial.Asked.Remove(late);
                trial.Unable.Add(late);
            }

            GoOn(trial);
        }
    }

    /// <summary>Gives back the memory of all pieces.</summary>
    public void Close()
    {
        foreach (var trial in _trials.Values)
        {
            trial.Outcome.Buffer.Abandon();
        }

        _trials.Clear();
    }

    private Trial? Find(PeerSession session, HashRequest request) =>
        _trials.Values.FirstOrDefault(trial => trial.Request == request && trial.Asked.ContainsKey(session));

    private void Drop(Trial trial, PeerSession session)
    {
        trial.Asked.Remove(session);
        trial.Unable.Add(session);
        GoOn(trial);
    }

    private void GoOn(Trial trial)
    {
        Ask(trial);
        if (trial.Asked.Count == 0)
        {
            _trials.Remove(trial.Outcome.Piece);
            givenUp(trial.Outcome);
        }
    }

    private void Ask(Trial trial)
    {
        foreach (var session in sessions)
        {
            if (trial.Asked.Count >= AskedAtOnce)
            {
                return;
            }

            if (session.Link.Remote.SpeaksV2(metainfo.Id)
                && !session.Link.IsClosing
                && session.Pieces?[trial.Outcome.Piece] == true
                && !trial.Unable.Contains(session)
                && trial.Asked.TryAdd(session, time.GetTimestamp()))
            {
                var payload = new byte[HashRequest.Size];
                trial.Request.CopyTo(payload);
                session.Link.Outbox.PostRaw(MessageId.HashRequest, payload);
            }
        }
    }

    private sealed record Trial(PieceOutcome Outcome, HashRequest Request)
    {
        public Dictionary<PeerSession, long> Asked { get; } = [];

        public HashSet<PeerSession> Unable { get; } = [];
    }
}
