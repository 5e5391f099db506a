using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Storage;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.Daemon.Options;
using Pier.Daemon.Seeds;

namespace Pier.Daemon.Containers;

/// <summary>The swarms of what is served on behalf of containers, unless somebody else on this node has the same torrent.</summary>
internal sealed class SeedSwarms(BitTorrentEngine engine, SeedLibrary library, DaemonOptions options)
{
    /// <summary>Has the engine serve it, unless that has its torrent already, running or at rest.</summary>
    /// <remarks>Only trackers of this node's own choice hear of it: a label names none.</remarks>
    public async Task ServeAsync(ContainerSeed seed, CancellationToken cancellationToken)
    {
        if (engine.Has(seed.Data!.Torrent.Id))
        {
            return;
        }

        var spec = SwarmSpec.For(seed.Data.Torrent, (_, _) => ValueTask.FromResult<ITorrentStorage>(seed.Storage!)) with
        {
            Twin = V1Twin.Of(seed.Data.Torrent),
            Discovery = options.Discovery,
            Trackers = options.Announce == AnnouncePolicy.Public && !seed.Data.Torrent.IsPrivate ? [.. options.Trackers.Select(tracker => new[] { tracker })] : [],
        };
        var swarm = await engine.AddAsync(spec, cancellationToken);
        seed.Swarm = ReferenceEquals(swarm.Spec, spec) ? swarm : null;
    }

    /// <summary>It is served no more.</summary>
    public async Task EndAsync(ContainerSeed seed)
    {
        var (swarm, data) = (seed.Swarm, seed.Data);
        (seed.Data, seed.Swarm) = (null, null);
        if (swarm is not null && data is not null)
        {
            await engine.RemoveAsync(swarm);
            // 'pier seed' may have been told of the same meanwhile, and have found it served.
            await library.ResumeAsync(data.Torrent.Id);
        }
    }
}
