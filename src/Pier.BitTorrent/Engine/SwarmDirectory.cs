using System.Collections.Concurrent;
using Pier.BitTorrent.Encryption;
using Pier.BitTorrent.Resting;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Engine;

/// <summary>The torrents of an engine by every name that they go by on the wire: those that run and those that rest. Thread-safe.</summary>
/// <param name="keys">The names under which encrypted connections may come.</param>
internal sealed class SwarmDirectory(KnownKeys keys)
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<InfoHash, Swarm> _byName = new();
    private readonly ConcurrentDictionary<TorrentId, Swarm> _running = new();
    private readonly ConcurrentDictionary<InfoHash, RestingTorrent> _restingByName = new();
    private readonly ConcurrentDictionary<TorrentId, RestingTorrent> _resting = new();
    private SwarmTotals _removed;

    /// <summary>Those that run now.</summary>
    public IReadOnlyList<Swarm> Running => [.. _running.Values];

    /// <summary>Those that rest when nobody asks for them, awake ones included.</summary>
    public IReadOnlyList<RestingTorrent> Resting => [.. _resting.Values];

    /// <summary>What all have done since the start.</summary>
    public SwarmTotals Totals
    {
        get
        {
            lock (_gate)
            {
                return _running.Values.Aggregate(_removed, (sum, swarm) => sum.Plus(swarm.Statistics));
            }
        }
    }

    /// <summary>The running swarm of this id; null when there is none.</summary>
    public Swarm? Find(TorrentId id) => _running.GetValueOrDefault(id);

    /// <summary>The running swarm that goes by this name; null when there is none.</summary>
    public Swarm? Find(InfoHash name) => _byName.GetValueOrDefault(name);

    /// <summary>The resting torrent, awake or not, that goes by this name; null when there is none.</summary>
    public RestingTorrent? FindResting(InfoHash name) => _restingByName.GetValueOrDefault(name);

    /// <summary>True when a torrent with one of these info-hashes runs or rests here.</summary>
    public bool Has(TorrentId id) => id.WireHashes.Any(hash => _byName.ContainsKey(hash) || _restingByName.ContainsKey(hash));

    /// <summary>The swarm that runs under one of a spec's info-hashes, else the one that is made now.</summary>
    public Swarm GetOrAdd(SwarmSpec spec, Func<SwarmSpec, Swarm> make)
    {
        lock (_gate)
        {
            foreach (var hash in spec.Id.WireHashes)
            {
                if (_byName.TryGetValue(hash, out var known))
                {
                    return known;
                }
            }

            var swarm = make(spec);
            _running[spec.Id] = swarm;
            foreach (var hash in spec.WireHashes)
            {
                // Who comes to a rendezvous after the seal is better served by the torrent than by provisional pieces.
                _byName.AddOrUpdate(hash, swarm, (_, there) => there.Spec.Provisional is null ? there : swarm);
                keys.Add(hash);
            }

            return swarm;
        }
    }

    /// <summary>Forgets a swarm.</summary>
    public void Remove(Swarm swarm)
    {
        lock (_gate)
        {
            if (_running.TryRemove(new KeyValuePair<TorrentId, Swarm>(swarm.Id, swarm)))
            {
                _removed = _removed.Plus(swarm.Statistics);
            }

            foreach (var hash in swarm.Spec.WireHashes)
            {
                if (_byName.TryRemove(new KeyValuePair<InfoHash, Swarm>(hash, swarm)) && !_restingByName.ContainsKey(hash))
                {
                    keys.Remove(hash);
                }
            }
        }
    }

    /// <summary>Notes a torrent that rests, in place of one with the same id; from now on it is what its rendezvous ids lead to.</summary>
    public void Rest(RestingTorrent torrent)
    {
        lock (_gate)
        {
            Forget(torrent.Id);
            _resting[torrent.Id] = torrent;
            foreach (var name in torrent.WireHashes)
            {
                _restingByName[name] = torrent;
                keys.Add(name);
                if (_byName.TryGetValue(name, out var there) && there.Spec.Provisional is not null)
                {
                    _byName.TryRemove(new KeyValuePair<InfoHash, Swarm>(name, there));
                }
            }
        }
    }

    /// <summary>Forgets a resting torrent; a swarm of it that runs goes on.</summary>
    public void Forget(TorrentId id)
    {
        lock (_gate)
        {
            if (!_resting.TryRemove(id, out var torrent))
            {
                return;
            }

            foreach (var name in torrent.WireHashes)
            {
                if (_restingByName.TryRemove(new KeyValuePair<InfoHash, RestingTorrent>(name, torrent)) && !_byName.ContainsKey(name))
                {
                    keys.Remove(name);
                }
            }
        }
    }
}
