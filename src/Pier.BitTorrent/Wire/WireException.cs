namespace Pier.BitTorrent.Wire;

/// <summary>A peer broke the wire protocol; its connection is closed. The only exception the codecs of this folder throw.</summary>
public sealed class WireException : BitTorrentException
{
    public WireException(string message)
        : base(message)
    {
    }

    public WireException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
