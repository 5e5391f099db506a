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
    private const int MaxPending = 256;
    private const int MaxOpen = 1024;

    private static readonly TimeSpan WatchPeriod = TimeSpan.FromMinutes(1);

    private readonly TimeSpan _forgetAfter;
    private readonly TorrentSearch _search;
    private readonly TorrentRemoval _removal;
    private readonly TorrentNumbers _numbers;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, KnownTorrent> _torrents = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Task> _leaving = new(StringComparer.Ordinal);
    private readonly MissedTorrents _missed;
    private readonly AbsentTorrents _absent;
    private readonly List<(string Name, IArrivingTree Content)> _left = [];
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
        _forgetAfter = spec.ForgetAfter;
        _search = new TorrentSearch(spec, folder, trees, numbers, time);
        _removal = new TorrentRemoval(folder, numbers, remove, log);
        _numbers = numbers;
        _time = time;
        _log = log;
        _missed = new MissedTorrents(time);
        _absent = new AbsentTorrents(time, spec.ForgetAfter);
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
            catch (ContentException)
            {
                // Too many for now, or nobody knew it a moment ago: there is a next time.
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
            _absent.Asked(name);
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
        _search.Dispose();
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
            return await _search.FindAsync(name, leaving, _closing.Token);
        }
        catch (ContentException failure)
        {
            _missed.Add(name, failure);
            lock (_gate)
            {
                _torrents.Remove(name);
            }

            LogMessages.LookUpFailed(_log, failure.Message);
            throw;
        }
        finally
        {
            lock (_gate)
            {
                _pending--;
            }
        }
    }

    private async Task WatchAsync()
    {
        try
        {
            using var timer = new PeriodicTimer(_forgetAfter < WatchPeriod ? _forgetAfter : WatchPeriod, _time);
            while (await timer.WaitForNextTickAsync(_closing.Token))
            {
                lock (_gate)
                {
                    foreach (var (name, torrent) in _torrents.Where(entry => entry.Value.IsIdle && _time.GetElapsedTime(entry.Value.LastUse) >= _forgetAfter).ToArray())
                    {
                        Forget(name, torrent);
                    }

                    ReviewAbsent();
                    ClearLeft();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The mount ends.
        }
    }

    /// <summary>What is known and not open, such as after a restart without anybody who could tell of it. Under the lock.</summary>
    private void ReviewAbsent()
    {
        var absent = _numbers.Known.Where(name => !_leaving.ContainsKey(name) && !(_torrents.TryGetValue(name, out var torrent) && torrent.Opening.IsCompletedSuccessfully));
        var (again, over) = _absent.Review(absent.ToHashSet(StringComparer.Ordinal), TorrentSearch.MaxAtOnce);
        foreach (var name in over.Where(name => !_torrents.ContainsKey(name)))
        {
            Forget(name, torrent: null);
        }

        foreach (var name in again)
        {
            Begin(name);
        }
    }

    /// <summary>Removes what was left because others used it then. Under the lock.</summary>
    private void ClearLeft()
    {
        foreach (var left in _left.ToArray())
        {
            if (_torrents.ContainsKey(left.Name))
            {
                // It is used here again, and goes with that.
                _left.Remove(left);
            }
            else if (left.Content.Folder is { } unused && !_leaving.ContainsKey(left.Name))
            {
                _left.Remove(left);
                Leave(left.Name, () =>
                {
                    _removal.Remove(left.Name, unused);
                    return Task.FromResult<IArrivingTree?>(null);
                });
            }
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

    private void Forget(string name, KnownTorrent? torrent)
    {
        _torrents.Remove(name);
        Leave(name, () => _removal.ForgetAsync(name, torrent));
    }

    /// <summary>Whoever asks for it meanwhile waits. Under the lock.</summary>
    private void Leave(string name, Func<Task<IArrivingTree?>> leave) => _leaving[name] = Task.Run(
        async () =>
        {
            IArrivingTree? left = null;
            try
            {
                left = await leave();
            }
            catch (Exception fault)
            {
                LogMessages.ForgettingFailed(_log, name, fault.Message);
            }
            finally
            {
                // Whatever happened: whoever asks for it waits for this no more.
                lock (_gate)
                {
                    _leaving.Remove(name);
                    if (left is not null)
                    {
                        _left.Add((name, left));
                    }
                }
            }
        }, CancellationToken.None);
}
