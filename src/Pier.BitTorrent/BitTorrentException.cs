namespace Pier.BitTorrent;

/// <summary>Base of every failure this room reports about what a peer, tracker, torrent or magnet link said.</summary>
public abstract class BitTorrentException : Exception
{
    protected BitTorrentException(string message)
        : base(message)
    {
    }

    protected BitTorrentException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
