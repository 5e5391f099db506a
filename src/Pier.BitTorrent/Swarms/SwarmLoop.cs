using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Provisional;
using Pier.BitTorrent.Swarms.Blocks;
using Pier.BitTorrent.Swarms.Meeting;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Swarms;

/// <summary>
/// The single owner of a swarm's state. It applies one event after another and never waits for I/O: what takes time is
/// started beside it and comes back as an event.
/// </summary>
internal sealed class SwarmLoop
{
    private readonly SwarmPort _port;
    private readonly SwarmSpec _spec;
    private readonly EngineServices _services;
    private readonly ISwarmAnnouncer _announcer;
    private readonly ISwarmWork _work;
    private readonly SwarmOutcome _outcome;
    private readonly PeerTable _peers;
    private readonly Uploader _uploader;
    private readonly MetadataPhase _metadata;
    private readonly SwarmReporter _reporter;
    private readonly FactDispatcher _facts;
    private readonly FileSelector _files;
    private readonly SwarmDiscovery _discovery;
    private readonly SwarmStanding _standing;
    private PiecePhase? _pieces;
    private SwarmState _state = SwarmState.FetchingMetadata;

    public SwarmLoop(SwarmPort port, SwarmSpec spec, EngineServices services, ISwarmAnnouncer announcer, IPeerDialler dialler, ISwarmWork work, SwarmOutcome outcome)
    {
        _announcer = announcer;
        _port = port;
        _spec = spec;
        _services = services;
        _work = work;
        _outcome = outcome;
        _peers = new PeerTable(services, dialler, port.Bandwidth) { Least = ProvisionalSpec.LeastPlaces(spec.Provisional) };
        _uploader = new Uploader(port, _peers.Sessions, services.Random);
        _metadata = new MetadataPhase(services, spec.Id, _peers, work, Open);
        _reporter = new SwarmReporter(port, _peers);
        _discovery = new SwarmDiscovery(port, spec, services, _peers);
        _facts = new FactDispatcher(_peers, _uploader, _metadata, services.OwnAddresses, _discovery, isProvisional: port.Provisional is not null);
        _files = new FileSelector(port, work);
        _standing = new SwarmStanding(port, services, spec.Id, announcer, _peers, _discovery);
    }

    /// <summary>Takes up what the swarm was added with. Whoever drives the loop by hand calls it once, then <see cref="Apply"/>.</summary>
    public void Begin()
    {
        _peers.Add(_spec.Peers, PeerSource.Told);
        _discovery.Start();
        if (_spec.Metainfo is { } known)
        {
            _metadata.Learn(known);
        }

        Connect();
    }

    private bool Wants => _state is SwarmState.FetchingMetadata or SwarmState.Downloading
        || (_state == SwarmState.Seeding && _pieces!.WantsMore);

    private void Connect(bool isSettled = false)
    {
        if (Wants || _state == SwarmState.Seeding)
        {
            _peers.Connect(seeding: !Wants, isSettled);
        }
    }

    /// <summary>Applies what a peer did.</summary>
    public void Apply(IPeerLink link, IReadOnlyList<PeerFact> facts)
    {
        if (PeerTable.Find(link) is { } session)
        {
            _facts.Apply(session, facts, _pieces);
        }
    }

    /// <summary>Applies one event.</summary>
    public void Apply(SwarmEvent happened)
    {
        switch (happened)
        {
            case SwarmEvent.PeerReport report:
                Apply(report.Link, report.Facts);
                report.Lender.Return(report);
                break;
            case SwarmEvent.Tick:
                Tick();
                break;
            case SwarmEvent.LinkOpened opened:
                Join(opened.Link);
                break;
            case SwarmEvent.LinkClosed closed:
                Leave(closed.Link, closed.Cause);
                break;
            case SwarmEvent.DialFailed failed:
                _peers.DialFailed(failed.EndPoint, failed.IsHopeless);
                Connect();
                break;
            case SwarmEvent.PeersFound found:
                _peers.Add(found.EndPoints, found.Source);
                Connect();
                break;
            case SwarmEvent.FilesChosen chosen:
                _files.Choose(chosen, _port.Content);
                break;
            case SwarmEvent.FilesSelected selected:
                Selected(selected);
                break;
            case SwarmEvent.MetadataChecked metadata:
                _metadata.Checked(metadata);
                break;
            case SwarmEvent.StorageOpened opened:
                Start(opened);
                break;
            case SwarmEvent.Completed:
                Completed();
                break;
            case SwarmEvent.Broken broken:
                Fail(broken.Cause);
                break;
            default:
                PieceEvents.Apply(happened, _pieces);
                break;
        }
    }

    private void Join(IPeerLink link)
    {
        if (_state is SwarmState.Failed or SwarmState.Finished)
        {
            link.Close(_state == SwarmState.Failed ? "the torrent failed" : "the torrent has seeded enough");
            return;
        }

        if (_peers.TryJoin(link) is not { } session)
        {
            return;
        }

        _services.Log.PeerConnected(_spec.Id, link.EndPoint, session.Client);
        FirstWords.Say(session, _pieces, _work, uploadOnly: _state == SwarmState.Seeding && !Wants && !_pieces!.IsSuperSeed);
        _discovery.Join(session);
    }

    private void Leave(IPeerLink link, Exception? cause)
    {
        if (_peers.Leave(link, _spec.Id) is { } session)
        {
            _services.Log.PeerLeft(_spec.Id, link.EndPoint, cause?.Message ?? "it closed the connection");
            _facts.Left(session);
            _reporter.Left(session);
            _pieces?.Left(session);
            Connect();
        }
    }

    private void Open(Metainfo metainfo)
    {
        _outcome.Know(metainfo);
        _port.Publish(metainfo);
        _discovery.Learned();
        Enter(SwarmState.Opening);
        _work.OpenStorage(metainfo);
    }

    private void Start(SwarmEvent.StorageOpened opened)
    {
        _pieces = new PiecePhase(_port, _services, _spec, _peers, _uploader, opened, Complete);
        Enter(_pieces.IsComplete ? SwarmState.Seeding : SwarmState.Downloading);
        _pieces.Start();
        _facts.Opened(_pieces);
        if (_pieces.IsComplete)
        {
            Complete();
        }

        _files.Opened(_port.Content!);
        Connect();
    }

    private void Selected(SwarmEvent.FilesSelected selected)
    {
        if (FileSelector.Apply(selected, _pieces!, _state) is { } state)
        {
            _outcome.Reopen();
            Enter(state);
            if (state == SwarmState.Seeding)
            {
                Complete();
            }
            else
            {
                _peers.GreetAgain(link => _work.OurHandshake(link, uploadOnly: false));
            }
        }

        selected.Done.TrySetResult();
        Connect();
    }

    private void Completed()
    {
        if (_state is SwarmState.Failed || !_pieces!.IsComplete)
        {
            // More was selected meanwhile.
            return;
        }

        Enter(SwarmState.Seeding);
        _services.Log.TorrentComplete(_spec.Id, _pieces.Board.Have.Count);
        _outcome.Complete();
        if (_pieces.IsSeed)
        {
            _announcer.Complete();
        }

        if (!_pieces.WantsMore)
        {
            _peers.GreetAgain(link => _work.OurHandshake(link, uploadOnly: !_pieces.IsSuperSeed));
            _peers.CloseWhere(session => session.Pieces?.IsFull == true || session.Extension?.UploadOnly == true, "neither side wants anything of the other");
        }
    }

    private void Complete()
    {
        if (_pieces!.IsSealed)
        {
            _outcome.Complete();
        }
        else
        {
            _work.CompleteStorage(_port.Content!.Storage);
        }
    }

    private void Tick()
    {
        _reporter.Sample();
        if (_standing.Next(_state) is var next && next != _state)
        {
            Enter(next);
        }

        _peers.Tick();
        _metadata.Tick();
        _discovery.Tick();
        _pieces?.Tick();
        _uploader.Tick(seeding: _state == SwarmState.Seeding);
        Connect(isSettled: true);
        if (Wants && _peers.IsShort)
        {
            _announcer.WantPeers();
            _discovery.WantPeers();
        }

        _reporter.Publish(_state, _pieces);
    }

    private void Enter(SwarmState state)
    {
        _state = state;
        _services.Log.TorrentState(_spec.Id, state);
        _reporter.Publish(state, _pieces);
    }

    /// <summary>The swarm is stopped.</summary>
    public void End()
    {
        _discovery.Stop();
        Enter(SwarmState.Stopped);
        _peers.CloseAll("the torrent is stopped");
        _pieces?.Close();
        _files.Drop();
        _outcome.Stop();
        _standing.Rank(_state);
    }

    /// <summary>The swarm cannot go on.</summary>
    public void Fail(Exception cause)
    {
        if (_state is SwarmState.Failed)
        {
            return;
        }

        _services.Log.TorrentFailed(_spec.Id, cause);
        Enter(SwarmState.Failed);
        _outcome.Fail(new SwarmException($"torrent {_spec.Id} cannot go on: {cause.Message}", cause));
        _peers.CloseAll("the torrent failed");
        _files.Drop();
    }
}
