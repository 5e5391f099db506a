using System.Net;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Swarms.Meeting;

/// <summary>The peers of a swarm: who is connected, where others may be, who is not wanted. Part of a swarm's loop.</summary>
internal sealed class PeerTable(EngineServices services, IPeerDialler dialler, TorrentBandwidth bandwidth)
{
    // Each have is 8 bytes of a list; a peer that announces more before we know the torrent can come again later.
    private const int MaxEarlyFacts = 16 * 1024;
    private const int MaxRecentBans = 16;
    private static readonly TimeSpan ShortLife = TimeSpan.FromSeconds(10);
    private const int OutgoingShare = 3;
    private const int FewPart = 4;
    private static readonly TimeSpan KeepAliveAfter = TimeSpan.FromSeconds(100);

    private readonly List<PeerSession> _sessions = [];
    private readonly PeerBook _book = new(services.Options.MaxKnownPeers, services.Time);
    private readonly PeerRank _rank = new(services);

    private int _outgoing;

    /// <summary>Connections that there is room for whatever the limits say.</summary>
    public int Least { get; init; }

    /// <summary>Everyone connected; a live view.</summary>
    public List<PeerSession> Sessions => _sessions;

    /// <summary>Addresses known.</summary>
    public int KnownCount => _book.Count;

    /// <summary>Whether others should be looked for: nobody is connected, or few are and the other addresses known lead to no one.</summary>
    public bool IsShort => _sessions.Count == 0 || (_sessions.Count < Places / FewPart && _sessions.Count < _book.Count);

    /// <summary>Addresses known, by how they were learned.</summary>
    public IReadOnlyDictionary<PeerSource, int> KnownSources() => _book.CountSources();

    /// <summary>The last peers banned by this swarm.</summary>
    public Queue<PeerBan> RecentBans { get; } = new();

    /// <summary>Peers banned by this swarm.</summary>
    public int BanCount { get; private set; }

    /// <summary>Connections that ended because the peer broke the protocol.</summary>
    public int Violations { get; private set; }

    /// <summary>The session of a connection; null when it was refused.</summary>
    public static PeerSession? Find(IPeerLink link) => link.Session;

    /// <summary>Keeps what a peer said of its pieces until we know the torrent.</summary>
    /// <exception cref="WireException">It said too much.</exception>
    public static void Remember(PeerSession session, PeerFact fact)
    {
        session.EarlyFacts.Add(fact);
        if (session.EarlyFacts.Count > MaxEarlyFacts)
        {
            throw new WireException("the peer said too much before the torrent was known");
        }
    }

    /// <summary>Notes addresses.</summary>
    /// <param name="endPoints">Where peers may be.</param>
    /// <param name="source">How that was learned.</param>
    /// <param name="inUse">They are connected already, from another port or address.</param>
    public void Add(IEnumerable<IPEndPoint> endPoints, PeerSource source, bool inUse = false)
    {
        foreach (var endPoint in endPoints)
        {
            if (dialler.Admits(endPoint.Address) && _book.Add(endPoint, source) && inUse)
            {
                _book.Take(endPoint);
            }
        }
    }

    /// <summary>Connects to addresses that are due, while there is room.</summary>
    /// <param name="seeding">We have everything: only peers that lack something are worth it.</param>
    /// <param name="isSettled">Whoever has heard of us lately has had time to come.</param>
    public void Connect(bool seeding, bool isSettled)
    {
        // While all can be tried, the order in which trackers name them is as good: they may know who is near.
        Func<IPEndPoint, uint>? rank = _book.Count > Places ? _rank.Of : null;
        while (HasRoomToDial(isSettled) && _book.TakeDue(seeding, rank) is { } endPoint)
        {
            if (!dialler.TryDial(endPoint))
            {
                _book.PutBack(endPoint);
                return;
            }
        }
    }

    private int Places => Math.Max(Least, bandwidth.Connections ?? services.Options.MaxConnectionsPerSwarm);

    // Most places are kept for those who come to us: else the first in a crowd fill each other up and the last find no one. To the
    // last themselves nobody comes: they go on until half their places are taken, once that is clear.
    private bool HasRoomToDial(bool isSettled)
    {
        var taken = _sessions.Count + _book.Dialling;
        return taken < Places
            && ((isSettled && taken < Places / 2) || _outgoing + _book.Dialling < (Places + OutgoingShare - 1) / OutgoingShare);
    }

    /// <summary>A connection could not be made.</summary>
    public void DialFailed(IPEndPoint endPoint, bool isHopeless)
    {
        if (isHopeless)
        {
            _book.Bury(endPoint);
        }
        else
        {
            _book.Failed(endPoint);
        }
    }

    /// <summary>Takes a new connection in; null when it is one too many, of a peer that is connected already, or of one that is banned.</summary>
    public PeerSession? TryJoin(IPeerLink link)
    {
        if (link.IsOutgoing)
        {
            _book.Dialled(link.EndPoint);
        }

        if (services.Bans.Contains(link.Origin))
        {
            // It was banned for what it did over another connection while this one was being made.
            link.Close("it is banned");
            return null;
        }

        var twin = _sessions.Find(other => !other.Link.IsClosing && other.Link.Remote.PeerId == link.Remote.PeerId)?.Link;
        if (twin is not null && !DuplicateRule.PrefersNew(services.PeerId, twin, link))
        {
            link.Close("the peer is connected already");
            return null;
        }

        // Who is being closed holds no place, nor does the connection that this one replaces.
        var others = _sessions.Select(session => session.Link).Where(other => !other.IsClosing && other != twin).ToArray();
        if (others.Length >= Places && !TryMakeRoom(link))
        {
            link.Close("this torrent has enough connections");
            return null;
        }

        var address = link.EndPoint.Address;
        if (others.Count(other => other.EndPoint.Address.Equals(address)) >= services.Options.MaxConnectionsPerAddress)
        {
            link.Close("its address has enough connections");
            return null;
        }

        twin?.Close("the peer connected again");
        var source = link.Origin.IsWebSeed ? PeerSource.WebSeed
            : link.IsOutgoing ? _book.SourceOf(link.EndPoint) ?? PeerSource.Told : PeerSource.Incoming;
        var session = new PeerSession(link, source);
        _sessions.Add(session);
        link.Session = session;
        _outgoing += link.IsOutgoing ? 1 : 0;
        return session;
    }

    /// <summary>A connection ended; its session, unless it was refused.</summary>
    public PeerSession? Leave(IPeerLink link, TorrentId id)
    {
        var session = link.Session;
        if (session is not null)
        {
            _sessions.Remove(session);
            _outgoing -= link.IsOutgoing ? 1 : 0;
            link.Session = null;
        }

        var isSeed = session?.Pieces?.IsFull == true;
        if (link.IsOutgoing && !isSeed && link.Downloaded + link.Uploaded == 0 && services.Time.GetElapsedTime(link.ConnectedAt) < ShortLife)
        {
            // Who hangs up at once each time is left alone for longer each time.
            _book.Failed(link.EndPoint);
        }
        else
        {
            _book.Ended(ListensAt(link, session), isSeed);
        }

        foreach (var other in session?.AlsoAt ?? [])
        {
            _book.Ended(other, isSeed);
        }

        if (link.IsBroken)
        {
            Violations++;
            if (services.Strikes.Add(link.Origin))
            {
                Ban(link.Origin, "it broke the protocol again and again", id);
            }
        }

        return session;
    }

    /// <summary>Bans a peer and closes its connections.</summary>
    public void Ban(PeerOrigin origin, string reason, TorrentId id)
    {
        if (services.Bans.Add(origin))
        {
            BanCount++;
            RecentBans.Enqueue(new PeerBan(origin.EndPoint, reason, services.Time.GetUtcNow()));
            if (RecentBans.Count > MaxRecentBans)
            {
                RecentBans.Dequeue();
            }

            services.Log.PeerBanned(id, origin.EndPoint, reason);
        }

        _book.Bury(origin.EndPoint);
        CloseWhere(session => services.Bans.Contains(session.Link.Origin), $"banned: {reason}");
    }

    /// <summary>Closes connections.</summary>
    public void CloseWhere(Func<PeerSession, bool> which, string reason)
    {
        foreach (var session in _sessions.Where(which))
        {
            session.Link.Close(reason);
        }
    }

    /// <summary>Says hello again to those who heard it before (BEP 10): something in it has changed.</summary>
    /// <param name="hello">Writes it.</param>
    public void GreetAgain(Func<IPeerLink, ReadOnlyMemory<byte>> hello)
    {
        foreach (var session in _sessions.Where(session => session.Extension is not null))
        {
            session.Link.Outbox.PostExtended(ExtensionHandshake.Id, hello(session.Link));
        }
    }

    /// <summary>Closes all connections.</summary>
    public void CloseAll(string reason) => CloseWhere(_ => true, reason);

    private static IPEndPoint ListensAt(IPeerLink link, PeerSession? session) =>
        !link.IsOutgoing && session?.Extension is { ListenPort: > 0 and var port } ? new IPEndPoint(link.EndPoint.Address, port) : link.EndPoint;

    /// <summary>Hangs up on the idle peer of the lowest priority, if the newcomer's is higher (BEP 40).</summary>
    private bool TryMakeRoom(IPeerLink newcomer)
    {
        var least = _sessions
            .Where(session => session is { DownloadRate: 0, UploadRate: 0, Link.IsClosing: false } && session.Link.Requests.Count == 0)
            .Select(session => (Session: session, Rank: _rank.Of(ListensAt(session.Link, session))))
            .DefaultIfEmpty()
            .MinBy(candidate => candidate.Rank);
        if (least.Session is null || least.Rank >= _rank.Of(newcomer.EndPoint))
        {
            return false;
        }

        least.Session.Link.Close("a peer of higher priority takes its place");
        return true;
    }

    /// <summary>Once a second: silent peers are dropped, and those we are silent to hear that we live.</summary>
    public void Tick()
    {
        foreach (var session in _sessions)
        {
            var link = session.Link;
            if (services.Time.GetElapsedTime(link.LastReceived) > services.Options.IdleTimeout)
            {
                link.Close($"it was silent for {services.Options.IdleTimeout.TotalSeconds:0} s");
            }
            else if (services.Time.GetElapsedTime(link.LastSent) > KeepAliveAfter)
            {
                link.Outbox.PostKeepAlive();
            }
        }
    }
}
