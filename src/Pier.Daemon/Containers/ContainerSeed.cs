using Pier.BitTorrent.Swarms;

namespace Pier.Daemon.Containers;

/// <summary>Content that is served, or is to be, on behalf of the containers that have it. Owned by <see cref="ContainerSeeds"/>.</summary>
/// <param name="key">Names it.</param>
internal sealed class ContainerSeed(string key)
{
    /// <summary>Names it.</summary>
    public string Key { get; } = key;

    /// <summary>The containers, those first that came first.</summary>
    public List<DataHolder> Holders { get; } = [];

    /// <summary>What it is, once that is proved.</summary>
    public ProvedData? Data { get; set; }

    /// <summary>Whose files are read.</summary>
    public DataHolder? Source { get; set; }

    /// <summary>Those files.</summary>
    public IDataFiles? Files { get; set; }

    /// <summary>The torrent's disk, once it is proved.</summary>
    public ProvedStorage? Storage { get; set; }

    /// <summary>Its swarm; null before that, and while somebody else on this node has the same torrent.</summary>
    public Swarm? Swarm { get; set; }
}
