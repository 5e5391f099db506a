namespace Pier.BitTorrent.WebSeeds;

/// <summary>Where a web server keeps the bytes of a torrent.</summary>
internal interface IWebSeedAddresses
{
    /// <summary>The requests that bring a range of the piece space, in order.</summary>
    IEnumerable<WebSeedPart> PartsOf(long offset, long length);
}
