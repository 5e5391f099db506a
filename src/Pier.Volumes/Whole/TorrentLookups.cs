using Microsoft.Extensions.Logging;
using Pier.Content.Contracts;
using Pier.Volumes.Specs;

namespace Pier.Volumes.Whole;

/// <summary>
/// The torrents that were asked for by name: each is looked up once for all who ask, kept while it is used, and forgotten when
/// nobody has used it for a while. Look-ups are bounded in number and time, and what nobody knows is not asked for again at
/// once. Thread-safe.
/// </summary>
internal sealed class TorrentLookups : IAsyncDisposable
{
    private const int MaxAtOnce = 16;
    private const int MaxPending = 256;
    private const int MaxOpen = 1024;

    private static readonly TimeSpan WatchPeriod = TimeSpan.FromMinutes(1);

    private readonly VolumeSpec _spec;
    private readonly string _folder;
    private readonly ITreeFetcher _trees;
    private readonly TorrentNumbers _numbers;
    private readonly Action<string> _remove;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, KnownTorrent> _torrents = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Task> _leaving = new(StringComparer.Ordinal);
    private readonly MissedTorrents _missed;
    private readonly SemaphoreSlim _places = new(MaxAtOnce);
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _watching;
    private int _pending;

    /// <param name="spec">The volume's options.</param>
    /// <param name="folder">Where what arrives is kept.</param>
    /// <param name="trees">Where torrents come from.</param>
    /// <param name="numbers">Keeps which are known.</param>
    /// <param name="remove">Removes the folder of one that was forgotten, unless others need it.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">The log.</param>
    public TorrentLookups(VolumeSpec spec, string folder, ITreeFetcher trees, TorrentNumbers numbers, Action<string> remove, TimeProvider time, ILogger log)
    {
        _spec = spec;
        _folder = folder;
        _trees = trees;
        _numbers = numbers;
        _remove = remove;
        _time = time;
        _log = log;
        _missed = new MissedTorrents(time);
        _watching = WatchAsync();
    }

    /// <summary>The torrents that are open.</summary>
    public IReadOnlyList<IArrivingTree> Open
    {
        get
        {
            lock (_gate)
            {
                return [.. _torrents.Values.Where(torrent => torrent.Opening.IsCompletedSuccessfully).Select(torrent => torrent.Opening.Result)];
            }
        }
    }

    /// <summary>Why the latest look-ups failed, newest last.</summary>
    public IReadOnlyList<string> Failures => _missed.Failures;

    /// <summary>Looks for a torrent that nobody asks for now, so that it is there, and given to others, as it was before.</summary>
    public void Begin(string name)
    {
        lock (_gate)
        {
            try
            {
                if (!_torrents.ContainsKey(name))
                {
                    Start(name);
                }
            }
            catch (ContentUnavailableException)
            {
                // Too many for now: it is looked up when somebody asks.
            }
        }
    }

    /// <summary>Opens a torrent, or waits for those who do; whoever gives up leaves the look-up to the others.</summary>
    /// <exception cref="ContentNotFoundException">Nobody knows it.</exception>
    /// <exception cref="ContentException">Too much is being looked up, or it cannot be kept.</exception>
    public async ValueTask<TorrentLease> TakeAsync(string name, CancellationToken cancellationToken)
    {
        KnownTorrent torrent;
        lock (_gate)
        {
            torrent = _torrents.TryGetValue(name, out var known) ? known : Start(name);
            torrent.Uses++;
        }

        try
        {
            return new TorrentLease(await torrent.Opening.WaitAsync(cancellationToken), () => Release(torrent));
        }
        catch
        {
            Release(torrent);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _watching;
        Task[] closing;
        lock (_gate)
        {
            closing = [.. _leaving.Values, .. _torrents.Values.Select(torrent => torrent.CloseAsync())];
            _torrents.Clear();
        }

        await Task.WhenAll(closing);
        _closing.Dispose();
        _places.Dispose();
    }

    private void Release(KnownTorrent torrent)
    {
        lock (_gate)
        {
            torrent.Uses--;
            torrent.LastUse = _time.GetTimestamp();
        }
    }

    /// <summary>Begins to look one up. Under the lock.</summary>
    private KnownTorrent Start(string name)
    {
        _missed.Check(name);
        if (_closing.IsCancellationRequested || _pending == MaxPending)
        {
            throw new ContentUnavailableException($"{_pending} torrents are being looked up already; try again later.");
        }

        if (_torrents.Count >= MaxOpen && !TryForgetOne())
        {
            throw new ContentUnavailableException($"{MaxOpen} torrents are in use already; try again later.");
        }

        _pending++;
        var leaving = _leaving.GetValueOrDefault(name, Task.CompletedTask);
        return _torrents[name] = new KnownTorrent(Task.Run(() => LookUpAsync(name, leaving), CancellationToken.None), _time.GetTimestamp());
    }

    private async Task<IArrivingTree> LookUpAsync(string name, Task leaving)
    {
        try
        {
            await leaving;
            await _places.WaitAsync(_closing.Token);
            try
            {
                using var patience = new CancellationTokenSource(_spec.LookUpPatience, _time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token, patience.Token);
                return await KeepAsync(name, await _trees.OpenAsync(new TreeRequest([TorrentName.Magnet(name, _spec.Trackers)], _folder, _spec.Limit), either.Token));
            }
            finally
            {
                _places.Release();
            }
        }
        catch (OperationCanceledException slow) when (!_closing.IsCancellationRequested)
        {
            throw Failed(name, new ContentNotFoundException($"{name}: nobody told for {_spec.LookUpPatience.TotalSeconds:0} s what is in it.", slow));
        }
        catch (ContentException refused)
        {
            throw Failed(name, refused is ContentStorageException ? refused : new ContentNotFoundException($"{name}: {refused.Message}", refused));
        }
        finally
        {
            lock (_gate)
            {
                _pending--;
            }
        }
    }

    private async Task<IArrivingTree> KeepAsync(string name, IArrivingTree found)
    {
        try
        {
            _numbers.Remember(name);
            return found;
        }
        catch
        {
            await found.DisposeAsync();
            throw;
        }
    }

    private ContentException Failed(string name, ContentException failure)
    {
        _missed.Add(name, failure);
        lock (_gate)
        {
            _torrents.Remove(name);
        }

        LogMessages.LookUpFailed(_log, failure.Message);
        return failure;
    }

    private async Task WatchAsync()
    {
        try
        {
            using var timer = new PeriodicTimer(_spec.ForgetAfter < WatchPeriod ? _spec.ForgetAfter : WatchPeriod, _time);
            while (await timer.WaitForNextTickAsync(_closing.Token))
            {
                lock (_gate)
                {
                    foreach (var (name, torrent) in _torrents.Where(entry => entry.Value.IsIdle && _time.GetElapsedTime(entry.Value.LastUse) >= _spec.ForgetAfter).ToArray())
                    {
                        Forget(name, torrent);
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The mount ends.
        }
    }

    private bool TryForgetOne()
    {
        var idle = _torrents.Where(entry => entry.Value.IsIdle).OrderBy(entry => entry.Value.LastUse).Select(entry => entry.Key).FirstOrDefault();
        if (idle is not null)
        {
            Forget(idle, _torrents[idle]);
        }

        return idle is not null;
    }

    private void Forget(string name, KnownTorrent torrent)
    {
        _torrents.Remove(name);
        _leaving[name] = Task.Run(() => ForgetAsync(name, torrent), CancellationToken.None);
    }

    private async Task ForgetAsync(string name, KnownTorrent torrent)
    {
        try
        {
            await torrent.EndAsync(Path.Combine(_folder, TorrentName.FolderOf(name)), _remove);
        }
        catch (Exception refused) when (refused is ContentException or IOException or UnauthorizedAccessException)
        {
            LogMessages.ForgettingFailed(_log, name, refused.Message);
        }

        try
        {
            // Last: on a full disk there is room only now.
            _numbers.Forget(name);
        }
        catch (ContentException refused)
        {
            LogMessages.ForgettingFailed(_log, name, refused.Message);
        }

        lock (_gate)
        {
            _leaving.Remove(name);
        }
    }
}
