using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Swarms.Meeting;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Swarms;

/// <summary>
/// Where a torrent stands among others: before them while somebody waits for it, at rest once its seeding goal is reached. Part of a
/// swarm's loop.
/// </summary>
internal sealed class SwarmStanding(
    SwarmPort port, EngineServices services, TorrentId id, ISwarmAnnouncer announcer, PeerTable peers, SwarmDiscovery discovery)
{
    /// <summary>Works out its rank again.</summary>
    public void Rank(SwarmState state) =>
        port.Rank.Update(state == SwarmState.Downloading && peers.Sessions.Any(session => session.DownloadRate > 0));

    /// <summary>Once a second: the state that comes next, mostly the one that is.</summary>
    public SwarmState Next(SwarmState state)
    {
        Rank(state);
        if (state is not (SwarmState.Seeding or SwarmState.Finished))
        {
            return state;
        }

        var reached = port.Seeding.Look(state == SwarmState.Seeding, port.Statistics.Uploaded, port.Content?.Metainfo.TotalLength ?? 0);
        if (reached is not null && state == SwarmState.Seeding)
        {
            services.Log.SeedingGoalReached(id, reached);
            announcer.Rest();
            discovery.Stop();
            peers.CloseAll("the torrent has seeded enough");
            return SwarmState.Finished;
        }

        if (reached is null && state == SwarmState.Finished)
        {
            services.Log.SeedingResumed(id);
            announcer.Resume();
            discovery.Start();
            return SwarmState.Seeding;
        }

        return state;
    }
}
