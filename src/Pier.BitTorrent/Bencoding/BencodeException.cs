namespace Pier.BitTorrent.Bencoding;

/// <summary>The only exception <see cref="BencodeReader"/> throws: the bytes are not bencoding, or not what was asked for.</summary>
public sealed class BencodeException : BitTorrentException
{
    public BencodeException(string problem, int offset)
        : base($"{problem} (at byte {offset})")
    {
        Offset = offset;
    }

    /// <summary>Where in the data, in bytes from its start.</summary>
    public int Offset { get; }
}
