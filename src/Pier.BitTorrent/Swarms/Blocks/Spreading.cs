using Pier.BitTorrent.Choking;
using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Pieces;

namespace Pier.BitTorrent.Swarms.Blocks;

/// <summary>
/// How far a torrent is spread, and who is to be served meanwhile: until every piece is out among the peers, all of them wait for
/// our line, and whatever goes twice over it holds up everybody. Part of a swarm's loop.
/// </summary>
/// <param name="board">The pieces.</param>
/// <param name="others">Which torrents spread.</param>
/// <param name="time">The clock.</param>
internal sealed class Spreading(PieceBoard board, SpreadingSwarms others, TimeProvider time)
{
    // Peers that are slow, or do as they please with suggestions, hold up nobody.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // So many peers can do without us for a while; fewer could not.
    private const int Crowd = 8;

    // Torrents that always spread, in earnest or not, do not keep others waiting for ever: then these have the line for as long.
    private static readonly TimeSpan LongestWay = TimeSpan.FromSeconds(30);

    private long _cameAt;
    private long? _lastSince;
    private long? _wayAt;
    private bool _isCounted;

    /// <summary>The clock.</summary>
    public TimeProvider Time => time;

    /// <summary>Who is served.</summary>
    public UploadRestraint Restraint { get; private set; }

    /// <summary>A piece that only we had has come to a peer, or the first is on its way.</summary>
    public void Progress() => _cameAt = time.GetTimestamp();

    /// <summary>Works out anew who is served; true when somebody may have to be told.</summary>
    /// <param name="unseen">Pieces that nobody has or was suggested.</param>
    /// <param name="owed">Pieces that were suggested and have not come.</param>
    public bool Look(int unseen, int owed)
    {
        var isCrowd = board.Leeches >= Crowd;
        var spreads = owed > 0 && time.GetElapsedTime(_cameAt) < Patience;
        Count(spreads && isCrowd);

        // From when it began, whatever comes meanwhile: patience that began anew with each piece would have no end.
        _lastSince = owed > 0 && unseen == 0 ? _lastSince ?? time.GetTimestamp() : null;
        var before = Restraint;
        Restraint = !isCrowd ? UploadRestraint.None
            : spreads ? _lastSince is { } since && time.GetElapsedTime(since) < Patience ? UploadRestraint.LastPieces : UploadRestraint.None
            : others.Any && owed == 0 && board.Have.IsFull && board.IsOut && GivesWay() ? UploadRestraint.GiveWay : UploadRestraint.None;
        return Restraint != before || Restraint == UploadRestraint.LastPieces;
    }

    /// <summary>The torrent stops.</summary>
    public void End() => Count(spreads: false);

    private void Count(bool spreads)
    {
        if (spreads == _isCounted)
        {
            return;
        }

        _isCounted = spreads;
        if (spreads)
        {
            others.Enter();
        }
        else
        {
            others.Leave();
        }
    }

    private bool GivesWay()
    {
        if (_wayAt is not { } since || time.GetElapsedTime(since) >= 2 * LongestWay)
        {
            _wayAt = time.GetTimestamp();
            return true;
        }

        return time.GetElapsedTime(since) < LongestWay;
    }
}
