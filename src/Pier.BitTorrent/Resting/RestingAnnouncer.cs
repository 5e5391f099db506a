using System.Net;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Pier.BitTorrent.Discovery;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Trackers;

namespace Pier.BitTorrent.Resting;

/// <summary>
/// Tells trackers of resting torrents, each under its one name, one after another and evenly over the interval, so that ten
/// thousand of them are a trickle; DHT and local network spread what they are given by themselves. Nobody is told good-bye:
/// trackers forget by themselves.
/// </summary>
/// <param name="find">Announces a name without trackers until the result is disposed of.</param>
/// <param name="open">Makes a tracker of an address.</param>
/// <param name="peerId">Who we are.</param>
/// <param name="port">Where peers reach us.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Where events go.</param>
internal sealed class RestingAnnouncer(
    Func<PeerDiscovery, InfoHash, IPeerSearch> find, Func<string, ITracker> open, PeerId peerId, Func<int> port, TimeProvider time, ILogger log)
{
    /// <summary>Between two announces of one torrent, unless its tracker wants more.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(25);

    private static readonly TimeSpan LongestGap = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Retry = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<TorrentId, Entry> _entries = [];
    private readonly PriorityQueue<Entry, long> _due = new();
    private readonly Dictionary<IReadOnlyList<IReadOnlyList<string>>, TrackerTiers> _tiers = new(ReferenceEqualityComparer.Instance);
    private readonly uint _key = (uint)Random.Shared.Next();
    private readonly Channel<bool> _wakes = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <summary>Torrents that are announced.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _entries.Count;
            }
        }
    }

    private TimeSpan Gap => Interval / Math.Max(Count, 1) is var even && even < LongestGap ? even : LongestGap;

    /// <summary>Announces a torrent from now on, in place of what was there under its id.</summary>
    public void Add(RestingTorrent torrent)
    {
        Remove(torrent.Id);
        if (torrent.AnnouncedAs is not { } name)
        {
            return;
        }

        var entry = new Entry(torrent, name, find(torrent.Discovery, name));
        lock (_gate)
        {
            _entries[torrent.Id] = entry;
            if (torrent.Trackers.Count > 0)
            {
                // Those of earlier runs are known to the trackers still, as a rule: they take their turns.
                _due.Enqueue(entry, torrent.IsNew ? time.GetTimestamp() : After(Gap * _entries.Count));
            }
        }

        _wakes.Writer.TryWrite(true);
    }

    /// <summary>Announces a torrent no more.</summary>
    public void Remove(TorrentId id)
    {
        Entry? gone;
        lock (_gate)
        {
            _entries.Remove(id, out gone);
        }

        gone?.Search.Dispose();
    }

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                if (Next(out var wait) is { } entry)
                {
                    var pause = await AnnounceAsync(entry, cancellationToken);
                    lock (_gate)
                    {
                        _due.Enqueue(entry, After(pause));
                    }

                    await Task.Delay(Gap, time, cancellationToken);
                }
                else
                {
                    await WaitAsync(wait, cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The engine is stopping.
        }
    }

    private Entry? Next(out TimeSpan wait)
    {
        lock (_gate)
        {
            while (_due.TryPeek(out var entry, out var at))
            {
                wait = time.GetElapsedTime(time.GetTimestamp(), at);
                if (!_entries.TryGetValue(entry.Torrent.Id, out var known) || known != entry)
                {
                    _due.Dequeue();
                }
                else if (wait > TimeSpan.Zero)
                {
                    return null;
                }
                else
                {
                    return _due.Dequeue();
                }
            }
        }

        wait = Timeout.InfiniteTimeSpan;
        return null;
    }

    private async Task WaitAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        using var due = new CancellationTokenSource(wait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(due.Token, cancellationToken);
        try
        {
            await _wakes.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // One is due.
        }
    }

    /// <summary>Announces one, and says when it is due again.</summary>
    private async Task<TimeSpan> AnnounceAsync(Entry entry, CancellationToken cancellationToken)
    {
        var request = new AnnounceRequest
        {
            InfoHash = entry.Name,
            PeerId = peerId,
            Port = (ushort)port(),
            Key = _key,
        };
        try
        {
            var answer = await TiersOf(entry.Torrent.Trackers).AnnounceAsync(request, cancellationToken);
            log.Announced(entry.Name, answer.Peers.Count, answer.Interval);
            return answer.Interval > Interval ? answer.Interval : Interval;
        }
        catch (TrackerException failure)
        {
            log.AnnounceFailed(entry.Name, failure.Message);
            return Retry;
        }
    }

    // All torrents of one list share what is known of its trackers.
    private TrackerTiers TiersOf(IReadOnlyList<IReadOnlyList<string>> trackers)
    {
        if (!_tiers.TryGetValue(trackers, out var tiers))
        {
            tiers = _tiers[trackers] = new TrackerTiers(trackers, open, Random.Shared, time, log);
        }

        return tiers;
    }

    private long After(TimeSpan span) => time.GetTimestamp() + (long)(span.TotalSeconds * time.TimestampFrequency);

    private sealed record Entry(RestingTorrent Torrent, InfoHash Name, IPeerSearch Search);
}
