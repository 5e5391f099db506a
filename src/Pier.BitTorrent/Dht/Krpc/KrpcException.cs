namespace Pier.BitTorrent.Dht.Krpc;

/// <summary>A datagram is no DHT message. The only exception the codec throws.</summary>
internal sealed class KrpcException : BitTorrentException
{
    public KrpcException(string problem)
        : base(problem)
    {
    }

    public KrpcException(string problem, Exception cause)
        : base(problem, cause)
    {
    }
}
