namespace Pier.BitTorrent.Swarms.Meeting;

/// <summary>What a swarm's loop has to say to trackers.</summary>
internal interface ISwarmAnnouncer
{
    /// <summary>The download has finished.</summary>
    void Complete();

    /// <summary>There is nobody to ask.</summary>
    void WantPeers();

    /// <summary>Says good-bye for now.</summary>
    void Rest()
    {
    }

    /// <summary>Announces again.</summary>
    void Resume()
    {
    }
}
