using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Storage;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Swarms;

/// <summary>What a swarm's loop has done beside it. Each piece of work comes back as an event.</summary>
internal interface ISwarmWork
{
    /// <summary>Opens the storage and tells it which files are wanted.</summary>
    void OpenStorage(Metainfo metainfo);

    /// <summary>Tells the storage that other files are wanted; whoever asked for it hears of failures.</summary>
    void SelectFiles(TorrentContent content, SwarmEvent.FilesChosen chosen);

    /// <summary>Tells the storage that it is complete.</summary>
    void CompleteStorage(ITorrentStorage storage);

    /// <summary>Checks an info dictionary that peers sent.</summary>
    void CheckMetadata(byte[] info, IReadOnlyList<PeerOrigin> contributors);

    /// <summary>The body of our extension handshake on a connection.</summary>
    /// <param name="link">The connection.</param>
    /// <param name="uploadOnly">We have everything (BEP 21).</param>
    ReadOnlyMemory<byte> OurHandshake(IPeerLink link, bool uploadOnly);
}
