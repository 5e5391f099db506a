using System.Security.Cryptography;
using System.Threading.Channels;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Trackers;

namespace Pier.BitTorrent.Swarms.Meeting;

/// <summary>Keeps a swarm announced at its trackers, and brings it the peers they name.</summary>
internal sealed class SwarmAnnouncer : IAnnouncedSwarm, ISwarmAnnouncer, IDisposable
{
    private const int PeersWanted = 80;

    private readonly SwarmPort _port;
    private readonly SwarmSpec _spec;
    private readonly TrackerAnnouncer _announcer;
    private readonly OwnAddresses _own;
    private readonly Channel<bool> _resumes = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private volatile CancellationTokenSource _resting = new();

    public SwarmAnnouncer(SwarmPort port, SwarmSpec spec, EngineServices services)
    {
        _port = port;
        _spec = spec;
        _own = services.OwnAddresses;
        var tiers = new TrackerTiers(spec.Trackers, services.Trackers.Open, Random.Shared, services.Time, services.Log);
        var options = new TrackerAnnouncerOptions
        {
            InfoHashes = spec.AnnouncedAs ?? [.. spec.WireHashes],
            PeerId = services.PeerId,
            Port = (ushort)services.ListenPort,
            Key = (uint)RandomNumberGenerator.GetInt32(int.MaxValue),
            StopTimeout = services.Options.StopTimeout,
        };
        _announcer = new TrackerAnnouncer(tiers, options, this, services.Time, services.Log);
    }

    /// <inheritdoc/>
    public AnnounceStats Stats
    {
        get
        {
            var now = _port.Statistics;
            return new AnnounceStats(now.Uploaded, now.Downloaded, LeftOf(now), now.IsUploadOnly ? 0 : PeersWanted);
        }
    }

    /// <summary>How each tracker did when it was last asked.</summary>
    public IReadOnlyList<TrackerStatus> Statuses => _announcer.Statuses;

    /// <summary>Runs until cancelled, and says good-bye then and whenever the torrent is at rest.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_spec.Metainfo is not null)
            {
                // A tracker that hears of a seed before its storage is open counts it as one that lacks something, for half an hour.
                await _port.Opened.WaitAsync(cancellationToken);
            }

            while (await AnnounceUntilRestAsync(cancellationToken))
            {
                await _resumes.Reader.ReadAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    /// <inheritdoc/>
    public void Rest() => _resting.Cancel();

    /// <inheritdoc/>
    public void Resume()
    {
        _resting.Dispose();
        _resting = new CancellationTokenSource();
        _resumes.Writer.TryWrite(true);
    }

    /// <summary>The download has finished.</summary>
    public void Complete() => _announcer.Complete();

    /// <summary>There is nobody to ask.</summary>
    public void WantPeers() => _announcer.WantPeers();

    /// <inheritdoc/>
    public void Dispose() => _resting.Dispose();

    /// <inheritdoc/>
    public ValueTask TrackerAnsweredAsync(InfoHash infoHash, AnnounceAnswer answer, CancellationToken cancellationToken)
    {
        _own.Vote(answer);
        // Who seeks under a rendezvous id does not know the torrent's own name yet, and will come by itself.
        return _spec.RendezvousIds.Contains(infoHash)
            ? ValueTask.CompletedTask
            : _port.PostAsync(new SwarmEvent.PeersFound(answer.BelievedPeers, PeerSource.Tracker), cancellationToken);
    }

    // True when it ended because the torrent rests, rather than because all ends.
    private async Task<bool> AnnounceUntilRestAsync(CancellationToken cancellationToken)
    {
        var resting = _resting.Token;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(resting, cancellationToken);
        await _announcer.RunAsync(either.Token);
        return resting.IsCancellationRequested;
    }

    // Trackers only ask whether it is nothing; while the size is unknown it is something.
    private long LeftOf(SwarmStatistics now) => _port.Content is { } content
        ? Math.Min((long)(now.PieceCount - now.PiecesHave) * content.Grid.PieceLength, content.Metainfo.TotalLength)
        : 1;
}
