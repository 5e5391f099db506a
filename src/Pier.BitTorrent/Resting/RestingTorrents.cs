using System.Collections.Concurrent;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Resting;

/// <summary>
/// Wakes resting torrents when a peer comes, and lets them rest again when nobody was connected for a while. Few are awake at
/// once, whatever peers ask for. Thread-safe.
/// </summary>
/// <param name="directory">All torrents of the engine.</param>
/// <param name="start">Starts a swarm, or gives the one that runs under the same info-hashes.</param>
/// <param name="remove">Stops a swarm.</param>
/// <param name="options">Settings.</param>
/// <param name="time">The clock.</param>
internal sealed class RestingTorrents(
    SwarmDirectory directory, Func<SwarmSpec, Swarm> start, Func<Swarm, Task> remove, BitTorrentOptions options, TimeProvider time) : IAsyncDisposable
{
    // Metainfo of large torrents is megabytes: who asks for many at once waits.
    private const int MostReading = 4;

    private readonly SemaphoreSlim _reading = new(MostReading);

    private readonly TaskSet _waking = new();
    private readonly CancellationTokenSource _stopping = new();

    // The woken ones, and when somebody was last connected.
    private readonly ConcurrentDictionary<Swarm, long> _awake = new();

    /// <summary>Swarms that were woken and run.</summary>
    public int Awake => _awake.Count;

    /// <summary>The swarm that a peer may join under this name; null when none rests under it, its content is gone, or too many are awake.</summary>
    public async ValueTask<Swarm?> WakeAsync(InfoHash name, CancellationToken cancellationToken)
    {
        if (directory.FindResting(name) is not { } resting)
        {
            return null;
        }

        var swarm = directory.Find(resting.Id) ?? await ReadAsync(resting, cancellationToken);
        // One that was added in another way, as by a download, may not go by all the names.
        return swarm?.Spec.WireHashes.Contains(name) == true ? swarm : null;
    }

    /// <summary>The swarm of a resting torrent; null when none rests under this id, or as above.</summary>
    public async ValueTask<Swarm?> WakeAsync(TorrentId id, CancellationToken cancellationToken)
    {
        foreach (var name in id.WireHashes)
        {
            if (await WakeAsync(name, cancellationToken) is { } swarm)
            {
                return swarm;
            }
        }

        return null;
    }

    /// <summary>Wakes what rests under a name, in the background.</summary>
    public void Wake(InfoHash name)
    {
        if (directory.FindResting(name) is { } resting && directory.Find(resting.Id) is null)
        {
            _waking.Run(() => WakeQuietlyAsync(resting));
        }
    }

    /// <summary>Once a second: what nobody is connected to any more rests.</summary>
    public async Task TickAsync()
    {
        foreach (var (swarm, usedAt) in _awake)
        {
            if (!ReferenceEquals(directory.Find(swarm.Id), swarm))
            {
                _awake.TryRemove(swarm, out _);
            }
            else if (swarm.Statistics.Peers.Count > 0)
            {
                _awake[swarm] = time.GetTimestamp();
            }
            else if (time.GetElapsedTime(usedAt) >= options.RestAfter)
            {
                await RestAsync(swarm);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _waking.WhenIdleAsync();
        _stopping.Dispose();
        _reading.Dispose();
    }

    private async Task WakeQuietlyAsync(RestingTorrent resting)
    {
        try
        {
            await ReadAsync(resting, _stopping.Token);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The engine is stopping.
        }
    }

    private async ValueTask<Swarm?> ReadAsync(RestingTorrent resting, CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        try
        {
            if (directory.Find(resting.Id) is { } running)
            {
                return running;
            }

            if (!await HasRoomAsync() || await resting.Wake(cancellationToken) is not { } spec)
            {
                return null;
            }

            var swarm = start(spec);
            if (ReferenceEquals(swarm.Spec, spec))
            {
                _awake[swarm] = time.GetTimestamp();
            }

            return swarm;
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>The one that has been without peers for longest makes room.</summary>
    private async ValueTask<bool> HasRoomAsync()
    {
        if (_awake.Count < options.MaxAwake)
        {
            return true;
        }

        var idle = _awake.Where(entry => entry.Key.Statistics.Peers.Count == 0).OrderBy(entry => entry.Value).Select(entry => entry.Key).FirstOrDefault();
        if (idle is not null)
        {
            await RestAsync(idle);
        }

        return idle is not null;
    }

    private async Task RestAsync(Swarm swarm)
    {
        if (_awake.TryRemove(swarm, out _))
        {
            await remove(swarm);
        }
    }
}
