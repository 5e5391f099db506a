using System.Net;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Tracking;

/// <summary>The host of a tracker that is open to every torrent and has none itself.</summary>
public sealed class AnyTorrent : ITrackerHost
{
    /// <summary>The one there is.</summary>
    public static AnyTorrent Host { get; } = new();

    private AnyTorrent()
    {
    }

    /// <inheritdoc/>
    public bool Serves(InfoHash infoHash, IPAddress remote) => true;

    /// <inheritdoc/>
    public void Join(InfoHash infoHash, IPAddress remote)
    {
        // It is in no swarm.
    }

    /// <inheritdoc/>
    public void Announced(in TrackedAnnounce announce)
    {
        // It looks for nobody.
    }
}
