using System.Net;
using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Swarms.Blocks;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Swarms.Meeting;

/// <summary>What a swarm's loop knows of one connected peer. Only the loop touches it.</summary>
internal sealed class PeerSession(IPeerLink link, PeerSource source)
{
    private const int MaxSuggested = 16;
    private static readonly IReadOnlyList<int> NoneSuggested = [];

    private readonly RateMeter _down = new();
    private readonly RateMeter _up = new();

    // Most peers have none of these, and there may be very many.
    private List<IPEndPoint>? _alsoAt;
    private List<PeerFact>? _earlyFacts;
    private HashSet<int>? _allowedFast;
    private List<int>? _suggested;

    /// <summary>The connection.</summary>
    public IPeerLink Link => link;

    /// <summary>How it was found.</summary>
    public PeerSource Source => source;

    /// <summary>Other addresses where it says that it listens (BEP 10).</summary>
    public List<IPEndPoint> AlsoAt => _alsoAt ??= [];

    /// <summary>What it has; null until the torrent's metadata is known.</summary>
    public Bitfield? Pieces { get; set; }

    /// <summary>What it said of its pieces before we knew how many there are.</summary>
    public List<PeerFact> EarlyFacts => _earlyFacts ??= [];

    /// <summary>What it said in the extension protocol; null until it did.</summary>
    public ExtensionHandshake? Extension { get; set; }

    /// <summary>It wants pieces of us.</summary>
    public bool IsInterested { get; set; }

    /// <summary>It wants pieces of us and has not shown yet that it may have them.</summary>
    public bool WaitsToBeKnown { get; set; }

    /// <summary>We told it that we want pieces.</summary>
    public bool AmInterested { get; set; }

    /// <summary>It does not answer requests for now; so every connection starts.</summary>
    public bool IsChoking { get; set; } = true;

    /// <summary>Pieces that it has and we lack.</summary>
    public int Wanted { get; set; }

    /// <summary>The board's count of returns when it had nothing to be asked for; null when it may have something.</summary>
    public int? DryAt { get; set; }

    /// <summary>Pieces that may be asked for while it chokes (BEP 6).</summary>
    public HashSet<int> AllowedFast => _allowedFast ??= [];

    /// <summary>Whether it answers some requests at least.</summary>
    public bool IsAskable => !IsChoking || _allowedFast is not null;

    /// <summary>Requests that may be outstanding.</summary>
    public int PipelineTarget { get; set; } = Pipeline.Start;

    /// <summary>What it suggested to ask it for, latest last (BEP 6).</summary>
    public IReadOnlyList<int> Suggested => _suggested ?? NoneSuggested;

    /// <summary>It suggested pieces.</summary>
    public bool HasSuggested => _suggested is not null;

    /// <summary>It suggests as we do (<see cref="Suggester"/>): what nobody else has, and as much as it takes to keep it busy.</summary>
    public bool SuggestsEnough => link.Remote.PeerId.IsPier;

    /// <summary>The least time from asking to the first block; null until one came.</summary>
    public TimeSpan? RoundTrip { get; set; }

    /// <summary>Since when its speed is taken.</summary>
    public long PacedAt { get; set; }

    /// <summary>The next block tells the round trip.</summary>
    public bool IsTimed { get; set; }

    /// <summary>Blocks that came since <see cref="PacedAt"/>.</summary>
    public int RecentBlocks { get; set; }

    /// <summary>Messages with blocks that came without a pause between them.</summary>
    public int Burst { get; set; }

    /// <summary>Blocks that it refused since the last look.</summary>
    public int RecentRejects { get; set; }

    /// <summary>When a block last came, or when it was last asked while nothing was outstanding.</summary>
    public long LastBlockAt { get; set; } = link.ConnectedAt;

    /// <summary>It owes blocks and sends none: others may be asked for them.</summary>
    public bool IsStalled { get; set; }

    /// <summary>It owed blocks for so long that it is served nothing in return (BEP 3).</summary>
    public bool IsSnubbing { get; set; }

    /// <summary>Bytes per second it sends.</summary>
    public double DownloadRate => _down.Rate;

    /// <summary>Bytes per second it gets.</summary>
    public double UploadRate => _up.Rate;

    /// <summary>What it calls itself.</summary>
    public string Client => Extension?.Client ?? ClientName.Of(link.Remote.PeerId);

    /// <summary>It suggested a piece, which we have already or may ask it for.</summary>
    public void Suggest(int piece, bool isHad)
    {
        DryAt = null;
        _suggested ??= [];
        if (isHad)
        {
            return;
        }

        if (_suggested.Count >= MaxSuggested)
        {
            _suggested.RemoveAt(0);
        }

        _suggested.Add(piece);
    }

    /// <summary>We have a piece, and need no suggestion of it.</summary>
    public void Had(int piece) => _suggested?.Remove(piece);

    /// <summary>Looks at the byte counts.</summary>
    public void Sample(TimeSpan elapsed)
    {
        _down.Sample(link.Downloaded, elapsed);
        _up.Sample(link.Uploaded, elapsed);
    }
}
