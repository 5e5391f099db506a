using System.Collections.Concurrent;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Swarms;
using Pier.Membership;

namespace Pier.Fetch.Uris;

/// <summary>The swarms that downloads by URI have added to the engine: two downloads of one torrent share its swarm, which goes with the last.</summary>
internal sealed class SharedSwarms(BitTorrentEngine engine, IMembership membership) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly ConcurrentDictionary<Swarm, int> _users = [];

    /// <summary>
    /// The swarm of a torrent, added unless it is here for whatever reason; whether it is a download's, and whether it was added
    /// now, with the caller's storage. Whoever joins leaves.
    /// </summary>
    public async Task<(Swarm Swarm, bool IsDownload, bool IsNew)> JoinAsync(SwarmSpec spec, CancellationToken cancellationToken)
    {
        // Whoever asked for it waits.
        spec = spec with { Priority = SwarmPriority.High };
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var swarm = await engine.AddAsync(spec, cancellationToken);
            var isNew = ReferenceEquals(swarm.Spec, spec);
            if (isNew)
            {
                _users[swarm] = 1;
                // Not before it is among them all: of a change from now on it is told, too.
                await swarm.AddPeersAsync(MembersAsPeers.For(swarm.Metainfo, membership.Current), CancellationToken.None);
            }
            else if (_users.TryGetValue(swarm, out var users))
            {
                _users[swarm] = users + 1;
            }
            return (swarm, _users.ContainsKey(swarm), isNew);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The swarms of downloads that have not ended.</summary>
    public IEnumerable<Swarm> All => _users.Keys;

    /// <summary>Whether a swarm is a download's, and has not ended.</summary>
    public bool Has(Swarm swarm) => _users.ContainsKey(swarm);

    /// <summary>A download needs the swarm no more; returns when it has ended if that was the last. One that others added stays.</summary>
    public async Task LeaveAsync(Swarm swarm)
    {
        Task? removing = null;
        await _gate.WaitAsync(CancellationToken.None);
        try
        {
            if (_users.TryGetValue(swarm, out var users))
            {
                _users[swarm] = users - 1;
                if (users == 1)
                {
                    // From here on nobody can join it; its farewell to trackers is waited for outside the gate.
                    removing = engine.RemoveAsync(swarm);
                }
            }
        }
        finally
        {
            _gate.Release();
        }

        if (removing is not null)
        {
            try
            {
                await removing;
            }
            finally
            {
                _users.TryRemove(swarm, out _);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();
}
