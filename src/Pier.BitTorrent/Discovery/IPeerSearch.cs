namespace Pier.BitTorrent.Discovery;

/// <summary>A search that goes on until it is disposed of.</summary>
internal interface IPeerSearch : IDisposable
{
    /// <summary>There is nobody to ask: looks again as soon as that is decent.</summary>
    void WantPeers();
}
