using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Trackers;

namespace Pier.UnitTests.BitTorrent.Trackers;

internal static class TrackerSamples
{
    public static readonly InfoHash Hash = InfoHash.Parse("0041ff2e5f7e2d20253031327a5a39ffb0b1b2b3");

    public static readonly PeerId Peer = new("-PI0100-abcdefghijkl"u8);

    public static AnnounceRequest Request(AnnounceEvent occasion = AnnounceEvent.None) => new()
    {
        InfoHash = Hash,
        PeerId = Peer,
        Port = 6881,
        Key = 0xdeadbeef,
        Event = occasion,
        Stats = new AnnounceStats(Uploaded: 1, Downloaded: 2, Left: 3, PeersWanted: 50),
    };
}
