namespace Pier.BitTorrent.Peers;

/// <summary>An address that is not worth another try: our own, or one that is banned.</summary>
internal sealed class HopelessPeerException(string message) : BitTorrentException(message);
