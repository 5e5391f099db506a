using Pier.BitTorrent.Choking;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Swarms.Meeting;

namespace Pier.BitTorrent.Swarms.Blocks;

/// <summary>Carries out the choker's decisions. Part of a swarm's loop.</summary>
internal sealed class Uploader(SwarmPort port, List<PeerSession> sessions, Random random)
{
    private readonly Choker _choker = new(port.Options.UploadSlots, random, port.Time);
    private readonly List<ChokeCandidate> _candidates = [];
    private Suggester? _suggester;
    private int _have = int.MaxValue;

    // Who is served even when all others are not.
    private object? _kept;

    /// <summary>From now on who suggests pieces says who may be served.</summary>
    public void Follow(Suggester suggester)
    {
        _suggester = suggester;
        suggester.Changed = ApplyAll;
        suggester.Widened = Widen;
    }

    /// <summary>A peer wants pieces of us.</summary>
    public void Interested(PeerSession session)
    {
        session.IsInterested = true;
        if (session.Link.Outbox.IsChoked && _choker.TryAdmit(session))
        {
            Apply(session);
            Keep();
        }
    }

    /// <summary>A peer wants nothing of us; its slot is free for others at once.</summary>
    public void NotInterested(PeerSession session)
    {
        session.IsInterested = false;
        Free(session);
    }

    /// <summary>We have one more piece, or as many as there will be.</summary>
    public void Hold(Bitfield have)
    {
        _have = have.IsFull ? int.MaxValue : have.Count;
        Widen();
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

    private void Widen()
    {
        if (_choker.Hold(Math.Min(_have, _suggester?.Places ?? int.MaxValue)))
        {
            Fill(except: null);
        }
    }

    private void ApplyAll()
    {
        _kept = ToKeep();
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
        if (!IsToBeServed(session))
        {
            if (!outbox.IsChoked)
            {
                outbox.PostChoke(reject: session.Link.IsFast);
            }
        }
        else if (outbox.IsChoked)
        {
            _suggester?.SuggestNext(session);

            // With the last suggestions others are served than before, and all peers have been looked at, this one too.
            if (outbox.IsChoked && IsToBeServed(session))
            {
                outbox.PostUnchoke();
            }
        }
    }

    private bool IsToBeServed(PeerSession session) =>
        _choker.Unchoked.Contains(session) && _suggester?.MayServe(session, ReferenceEquals(_kept, session)) != false;

    private void Free(PeerSession session)
    {
        _choker.Remove(session);
        if (!session.Link.Outbox.IsChoked)
        {
            session.Link.Outbox.PostChoke(reject: session.Link.IsFast);
        }

        Fill(except: session);
    }

    // Who has least is the most likely to be served by nobody else.
    private void Fill(PeerSession? except)
    {
        while (_choker.HasRoom && NextToServe(except) is { } next)
        {
            _choker.TryAdmit(next);
            Apply(next);
        }

        Keep();
    }

    private void Keep()
    {
        if (!ReferenceEquals(_kept, ToKeep()))
        {
            ApplyAll();
        }
    }

    // There may be no optimistic one: all that want something have places, or it has left.
    private object? ToKeep() =>
        _choker.Optimistic ?? (_kept is not null && _choker.Unchoked.Contains(_kept) ? _kept : _choker.Unchoked.FirstOrDefault());

    private PeerSession? NextToServe(PeerSession? except)
    {
        PeerSession? least = null;
        foreach (var session in sessions)
        {
            if (session.IsInterested && session.Link.Outbox.IsChoked && !ReferenceEquals(session, except)
                && (least is null || Had(session) < Had(least)) && !_choker.Unchoked.Contains(session))
            {
                least = session;
            }
        }

        return least;
    }

    private static int Had(PeerSession session) => session.Pieces?.Count ?? 0;
}
