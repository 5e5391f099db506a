namespace Pier.BitTorrent.Swarms;

/// <summary>A swarm cannot go on: its storage failed, or it was removed before it was done. The cause is within.</summary>
public sealed class SwarmException : BitTorrentException
{
    public SwarmException(string message)
        : base(message)
    {
    }

    public SwarmException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
