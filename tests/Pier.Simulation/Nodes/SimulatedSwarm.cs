using System.Buffers;
using System.Net;
using System.Security.Cryptography;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Provisional;
using Pier.BitTorrent.Storage;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Swarms.Meeting;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Trackers;
using Pier.BitTorrent.Wire;
using Pier.Simulation.Clock;
using Pier.Simulation.Network;

namespace Pier.Simulation.Nodes;

/// <summary>
/// One torrent on one node: the engine's own loop, with everything that it reaches the world by in this class's hands.
/// </summary>
internal sealed class SimulatedSwarm : ISwarmWork, IPeerDialler, ISwarmAnnouncer, IPieceVerifier
{
    private readonly SimulatedNetwork _network;
    private readonly SwarmLoop _loop;
    private readonly Queue<PieceOutcome> _checking = new();
    private readonly int _helloBytes;
    private readonly SingleSuggestions? _suggestions;
    private long _announcedAt = -1;
    private long _wasted;
    private bool _announces;

    public SimulatedSwarm(SimulatedNetwork network, int id, SimulatedNode node, SimulatedContent content)
    {
        _network = network;
        Id = id;
        Node = node;
        Content = content;
        Handshake = new Handshake(ReservedBits.Fast | ReservedBits.Extensions, content.Metainfo.Id.Primary, node.PeerId);
        var provisional = node.Plan.Vouches || node.Plan.Follows is not null ? ProvisionalOf(node.Plan.Vouches, content) : null;
        var spec = new SwarmSpec
        {
            Id = content.Metainfo.Id,
            Metainfo = content.Metainfo,
            Storage = (_, _) => throw new NotSupportedException(),
            Provisional = provisional,
        };
        var services = node.ServicesFor(this);
        Hello = new ExtensionHandshake
        {
            MetadataSize = content.Metainfo.Info.Length,
            RequestQueue = network.Options.MaxQueuedRequests,
            ListenPort = services.ListenPort,
            Client = "Pier",
            Ids = provisional is null ? default : ExtensionIds.Provisional,
            Pier = provisional is null ? null : PierClaim.Seeking with { Claim = provisional.Claim, Member = provisional.Name },
        };
        var hello = new ArrayBufferWriter<byte>();
        Hello.WriteTo(hello);
        _helloBytes = hello.WrittenCount;
        _suggestions = node.Plan.SuggestsSingly ? new SingleSuggestions(node.Random) : null;
        Port = new SwarmPort(spec, services);
        _loop = new SwarmLoop(Port, spec, services, this, this, this, new SwarmOutcome());
    }

    /// <summary>Number among the swarms of the network.</summary>
    public int Id { get; }

    /// <summary>The host.</summary>
    public SimulatedNode Node { get; }

    /// <summary>The torrent.</summary>
    public SimulatedContent Content { get; }

    /// <summary>How it opens connections.</summary>
    public Handshake Handshake { get; }

    /// <summary>What it says in the extension protocol.</summary>
    public ExtensionHandshake Hello { get; }

    /// <summary>What its loop publishes.</summary>
    public SwarmPort Port { get; }

    /// <summary>Pieces and blocks.</summary>
    public PieceGrid Grid { get; private set; } = null!;

    /// <summary>Pieces it has.</summary>
    public Bitfield Have { get; private set; } = null!;

    /// <summary>Its connections, closed ones among them.</summary>
    public List<SimulatedLink> Links { get; } = [];

    /// <summary>Whether every piece is here.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Bytes of blocks that came twice or unasked.</summary>
    public long Wasted => _wasted + Links.Sum(link => link.Duplicate + link.Unrequested);

    /// <summary>Begins.</summary>
    public void Start()
    {
        _loop.Begin();
        _network.Queue.Add(
            _network.Time.Now + Node.Random.NextInt64(SimulatedTime.Second), EventKind.Tick, Id);
    }

    /// <summary>A second has passed.</summary>
    public void Tick()
    {
        if (Node.IsUp)
        {
            _loop.Apply(Ticked);
            _network.Queue.Add(_network.Time.Now + SimulatedTime.Second, EventKind.Tick, Id);
        }
    }

    /// <summary>A peer did these things.</summary>
    public void Report(SimulatedLink link, List<PeerFact> facts)
    {
        _loop.Apply(link, facts);
        _suggestions?.Heard(link, facts);
    }

    /// <summary>A connection is made.</summary>
    public void Opened(SimulatedLink link)
    {
        Links.Add(link);
        _loop.Apply(new SwarmEvent.LinkOpened(link));
    }

    /// <summary>A connection is closed.</summary>
    public void Closed(SimulatedLink link)
    {
        Links.Remove(link);
        _wasted += link.Duplicate + link.Unrequested;
        Node.Connections.Close();
        if (Node.IsUp)
        {
            _loop.Apply(new SwarmEvent.LinkClosed(link, null));
        }
    }

    /// <summary>A connection could not be made.</summary>
    public void DialFailed(IPEndPoint endPoint, bool isHopeless)
    {
        Node.Connections.EndDial();
        Node.Connections.Close();
        if (Node.IsUp)
        {
            _loop.Apply(new SwarmEvent.DialFailed(endPoint, isHopeless));
        }
    }

    /// <summary>Pieces came by another way than from peers.</summary>
    public void Stored(int piece)
    {
        // In the place of its hash, as all hashes are zeros.
        Port.Vouched?.TryAdd(piece, new byte[SHA256.HashSizeInBytes]);
        Content.Came(piece, Grid.PieceCount, _network.Time.Now);
        _loop.Apply(new SwarmEvent.PiecesStored([piece]));
    }

    /// <summary>The next piece is hashed.</summary>
    public void Checked()
    {
        var outcome = _checking.Dequeue();
        if (Node.IsUp)
        {
            Node.BadPieces += outcome.Passed ? 0 : 1;
            if (outcome.Passed)
            {
                Content.Came(outcome.Piece, Grid.PieceCount, _network.Time.Now);
            }

            _loop.Apply(new SwarmEvent.PieceChecked { Outcome = outcome });
        }
    }

    /// <inheritdoc/>
    public void OpenStorage(Metainfo metainfo) => _network.Call(0, () =>
    {
        _loop.Apply(new SwarmEvent.StorageOpened(metainfo, new SimulatedStorage(Node.Plan.IsOrigin || Node.Plan.IsLiar)));
        (Grid, Have) = (Port.Content!.Grid, Port.Content.Have);
        IsComplete = Node.Plan.IsOrigin || Node.Plan.IsLiar;
        if (Node.Plan.Follows is { } holder)
        {
            _loop.Apply(new SwarmEvent.PeersFound([holder], PeerSource.Told));
        }

        Announce(AnnounceEvent.Started);
    });

    /// <inheritdoc/>
    public void CompleteStorage(ITorrentStorage storage)
    {
        IsComplete = true;
        _network.Finished(Node);
        _network.Call(0, () =>
        {
            if (Node.IsUp)
            {
                _loop.Apply(new SwarmEvent.Completed());
            }
        });
    }

    /// <inheritdoc/>
    public void SelectFiles(TorrentContent content, SwarmEvent.FilesChosen chosen) =>
        throw new NotSupportedException("simulated nodes want everything");

    /// <inheritdoc/>
    public void CheckMetadata(byte[] info, IReadOnlyList<PeerOrigin> contributors) =>
        throw new NotSupportedException("simulated nodes know the torrent");

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> OurHandshake(IPeerLink link, bool uploadOnly) => new byte[_helloBytes];

    /// <inheritdoc/>
    public bool Admits(IPAddress address) => !Node.Bans.Contains(address);

    /// <inheritdoc/>
    public bool TryDial(IPEndPoint endPoint)
    {
        if (!Node.Connections.TryDial())
        {
            return false;
        }

        if (!Node.Connections.TryOpen())
        {
            Node.Connections.EndDial();
            return false;
        }

        _network.Dial(this, endPoint);
        return true;
    }

    /// <inheritdoc/>
    public void Complete() => Announce(AnnounceEvent.Completed);

    /// <inheritdoc/>
    public void WantPeers()
    {
        if (!_announces && _announcedAt >= 0)
        {
            var due = _announcedAt + SimulatedTime.Of(SimulatedTracker.MorePeersInterval);
            _announces = true;
            _network.Call(Math.Max(0, due - _network.Time.Now), () => Announce(AnnounceEvent.None));
        }
    }

    /// <inheritdoc/>
    public bool TryQueue(PieceJob job)
    {
        _checking.Enqueue(_network.Judge(job));
        Node.HashingUntil = Math.Max(Node.HashingUntil, _network.Time.Now) + _network.HashingTime(job.Buffer.Length);
        _network.Queue.Add(Node.HashingUntil, EventKind.Checked, Id);
        return true;
    }

    private static readonly SwarmEvent.Tick Ticked = new();

    /// <summary>What members are told over their node ports; one key serves them all here.</summary>
    private static ProvisionalSpec ProvisionalOf(bool holds, SimulatedContent content) => new()
    {
        RendezvousId = content.Metainfo.Id.Primary,
        Sha256Hex = new string('0', 64),
        Size = content.Length,
        Claim = new byte[ProvisionalSpec.ClaimSize],
        KeyOf = holds ? _ => new byte[ProvisionalSpec.KeySize] : null,
        Name = holds ? default : new byte[] { 1 },
        Key = new byte[ProvisionalSpec.KeySize],
    };

    private void Announce(AnnounceEvent occasion)
    {
        _announces = false;
        _announcedAt = _network.Time.Now;
        if (Node.IsUp)
        {
            _network.Announce(this, occasion, peers => _loop.Apply(new SwarmEvent.PeersFound(peers, PeerSource.Tracker)));
        }
    }
}
