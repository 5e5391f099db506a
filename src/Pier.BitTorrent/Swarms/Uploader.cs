using Pier.BitTorrent.Choking;

namespace Pier.BitTorrent.Swarms;

/// <summary>Carries out the choker's decisions. Part of a swarm's loop.</summary>
internal sealed class Uploader(SwarmPort port, List<PeerSession> sessions, Random random)
{
    private readonly Choker _choker = new(port.Options.UploadSlots, random, port.Time);
    private readonly List<ChokeCandidate> _candidates = [];
    private Suggester? _suggester;

    /// <summary>From now on who suggests pieces says who may be served.</summary>
    public void Follow(Suggester suggester)
    {
        _suggester = suggester;
        suggester.Changed = ApplyAll;
    }

    /// <summary>A peer wants pieces of us.</summary>
    public void Interested(PeerSession session)
    {
        session.IsInterested = true;
        if (session.Link.Outbox.IsChoked && _choker.TryAdmit(session))
        {
            Apply(session);
        }
    }

    /// <summary>A peer wants nothing of us; its slot is free for others at once.</summary>
    public void NotInterested(PeerSession session)
    {
        session.IsInterested = false;
        Free(session);
    }

    /// <summary>A peer has gone.</summary>
    public void Left(PeerSession session) => Free(session);

    /// <summary>Once a second: decides anew when that is due.</summary>
    /// <param name="seeding">Whether we have every piece.</param>
    public void Tick(bool seeding)
    {
        if (seeding && !_choker.IsDue)
        {
            // Whom a seed drops half-way through a piece it has served in vain.
            return;
        }

        _candidates.Clear();
        _candidates.AddRange(sessions.Select(Candidate));
        if (_choker.IsDue)
        {
            _choker.Decide(_candidates, seeding);
        }
        else if (!_choker.TryRotate(_candidates))
        {
            return;
        }

        ApplyAll();
    }

    private void ApplyAll()
    {
        foreach (var session in sessions)
        {
            Apply(session);
        }
    }

    private ChokeCandidate Candidate(PeerSession session) => new(
        session,
        session.IsInterested,
        session.IsSnubbing,
        session.DownloadRate,
        session.UploadRate,
        port.Time.GetElapsedTime(session.Link.ConnectedAt),
        session.Link.Uploaded,
        session.Pieces?.Count ?? 0);

    private void Apply(PeerSession session)
    {
        var outbox = session.Link.Outbox;
        var serve = _choker.Unchoked.Contains(session) && _suggester?.MayServe(session, ReferenceEquals(_choker.Optimistic, session)) != false;
        if (serve && outbox.IsChoked)
        {
            outbox.PostUnchoke();
        }
        else if (!serve && !outbox.IsChoked)
        {
            outbox.PostChoke(reject: session.Link.IsFast);
        }
    }

    private void Free(PeerSession session)
    {
        _choker.Remove(session);
        if (!session.Link.Outbox.IsChoked)
        {
            session.Link.Outbox.PostChoke(reject: session.Link.IsFast);
        }

        // Who has least is the most likely to be served by nobody else.
        var next = sessions
            .Where(other => other.IsInterested && !ReferenceEquals(other, session) && other.Link.Outbox.IsChoked && !_choker.Unchoked.Contains(other))
            .MinBy(other => other.Pieces?.Count ?? 0);
        if (next is not null && _choker.TryAdmit(next))
        {
            Apply(next);
        }
    }
}
