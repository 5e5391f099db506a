using System.Collections.Concurrent;
using System.Net;
using Pier.BitTorrent.Discovery;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Swarms.Meeting;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Trackers;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Rendezvous;

/// <summary>
/// Looks for peers that hold a blob of which only the digest is known: announces its rendezvous id, meets who is there, and
/// passes on what they claim. Disposing ends the search; connections that went on as a torrent's stay.
/// </summary>
public sealed class RendezvousSearch : IAnnouncedSwarm, IAsyncDisposable
{
    private const int MaxAtOnce = 8;
    private const int MaxTold = 1000;
    private const int PeersWanted = 50;

    private readonly RendezvousSpec _spec;
    private readonly EngineServices _services;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskSet _meetings = new();
    private readonly SemaphoreSlim _places = new(MaxAtOnce);

    // Who is being met or has told; others may be met again when a tracker names them again.
    private readonly ConcurrentDictionary<IPEndPoint, bool> _met = new();
    private readonly Task _announcing;
    private readonly IPeerSearch _search;

    internal RendezvousSearch(RendezvousSpec spec, EngineServices services)
    {
        _spec = spec;
        _services = services;
        var tiers = new TrackerTiers(spec.Trackers, services.Trackers.Open, Random.Shared, services.Time, services.Log);
        var options = new TrackerAnnouncerOptions
        {
            InfoHashes = [spec.Id],
            PeerId = services.PeerId,
            Port = (ushort)services.ListenPort,
            StopTimeout = services.Options.StopTimeout,
        };
        var announcer = new TrackerAnnouncer(tiers, options, this, services.Time, services.Log);
        _announcing = Task.Run(() => announcer.RunAsync(_stopping.Token));
        _search = services.Finders.Follow(spec.Discovery, [spec.Id], (peers, _) => Add(peers));
        Add(spec.Peers);
    }

    /// <inheritdoc/>
    AnnounceStats IAnnouncedSwarm.Stats => new(Uploaded: 0, Downloaded: 0, Left: 1, PeersWanted);

    /// <summary>Meets peers known from elsewhere.</summary>
    public void Add(IEnumerable<IPEndPoint> endPoints)
    {
        ArgumentNullException.ThrowIfNull(endPoints);
        foreach (var endPoint in endPoints)
        {
            var wanted = !_stopping.IsCancellationRequested
                && _met.Count < MaxTold
                && (_spec.Admit?.Invoke(endPoint.Address) ?? true)
                && !_services.Bans.Contains(endPoint.Address);
            if (wanted && _met.TryAdd(endPoint, true))
            {
                _meetings.Run(() => MeetAsync(endPoint));
            }
        }
    }

    /// <inheritdoc/>
    ValueTask IAnnouncedSwarm.TrackerAnsweredAsync(InfoHash infoHash, AnnounceAnswer answer, CancellationToken cancellationToken)
    {
        Add(answer.Peers);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _search.Dispose();
        await _stopping.CancelAsync();
        await _announcing;
        await _meetings.WhenIdleAsync();
        _stopping.Dispose();
        _places.Dispose();
    }

    private async Task MeetAsync(IPEndPoint endPoint)
    {
        try
        {
            await _places.WaitAsync(_stopping.Token);
            try
            {
                await MeetNowAsync(endPoint);
            }
            finally
            {
                _places.Release();
            }
        }
        catch (Exception failure) when (SwarmConnector.IsExpected(failure))
        {
            _services.Log.DialFailed(endPoint, failure.Message);
            _met.TryRemove(endPoint, out _);
        }
    }

    private async Task MeetNowAsync(IPEndPoint endPoint)
    {
        if (!_services.Connections.TryOpen())
        {
            throw new WireException("too many connections are open");
        }

        Stream? stream = null;
        var goesOn = false;
        try
        {
            using var timeout = new CancellationTokenSource(2 * _services.Options.HandshakeTimeout, _services.Time);
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _stopping.Token);
            (stream, var remote) = await _services.Doors.Dialler.ConnectAsync(endPoint, _spec.Id, hasV2: true, linked.Token);
            goesOn = await MeetNowAsync(endPoint, stream, remote, linked.Token);
        }
        finally
        {
            if (!goesOn)
            {
                _services.Connections.Close();
                await (stream?.DisposeAsync() ?? ValueTask.CompletedTask);
            }
        }
    }

    private async Task<bool> MeetNowAsync(IPEndPoint endPoint, Stream stream, Handshake remote, CancellationToken cancellationToken)
    {
        if (remote.InfoHash != _spec.Id || remote.PeerId == _services.PeerId || _services.Bans.Contains(endPoint.Address, remote.PeerId))
        {
            return false;
        }

        var theirs = await RendezvousGreeting.ExchangeAsync(stream, PierClaim.Seeking, cancellationToken);
        if (theirs.Id is not { } id)
        {
            return false;
        }

        var swarm = await _spec.Claimed(new RendezvousClaim(id, theirs.Size, endPoint), _stopping.Token);
        return swarm is not null && swarm.TryContinue(stream, endPoint, remote with { InfoHash = id.Primary });
    }
}
