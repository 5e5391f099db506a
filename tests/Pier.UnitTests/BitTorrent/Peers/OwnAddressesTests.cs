using System.Net;
using System.Net.Sockets;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Trackers;

namespace Pier.UnitTests.BitTorrent.Peers;

/// <summary>What peers and trackers say of our address, and when it is believed.</summary>
public sealed class OwnAddressesTests
{
    private static readonly IPAddress Ours = IPAddress.Parse("84.124.73.14");

    private readonly OwnAddresses _own = new();

    [Fact]
    public void One_alone_is_not_believed_however_often_he_says_so()
    {
        _own.Vote(IPAddress.Parse("9.9.9.9"), Ours);
        _own.Vote(IPAddress.Parse("9.9.9.9"), Ours);
        _own.Find(AddressFamily.InterNetwork).ShouldBeNull();
    }

    [Fact]
    public void A_tracker_counts_as_a_peer_does()
    {
        _own.Vote(IPAddress.Parse("9.9.9.9"), Ours);
        _own.Vote(Answer(IPAddress.Parse("8.8.8.8"), Ours));
        _own.Find(AddressFamily.InterNetwork).ShouldBe(Ours);
        _own.Find(AddressFamily.InterNetworkV6).ShouldBeNull();
    }

    [Fact]
    public void Who_is_not_known_or_speaks_of_another_family_is_not_counted()
    {
        _own.Vote(IPAddress.Parse("9.9.9.9"), Ours);
        _own.Vote(Answer(null, Ours));
        _own.Vote(Answer(IPAddress.Parse("8.8.8.8"), null));
        _own.Vote(Answer(IPAddress.Parse("2a00::1"), Ours));
        _own.Find(AddressFamily.InterNetwork).ShouldBeNull();
    }

    [Fact]
    public void Most_are_right()
    {
        for (var voter = 1; voter <= 40; voter++)
        {
            _own.Vote(new IPAddress([9, 9, 9, (byte)voter]), voter % 3 == 0 ? IPAddress.Parse("6.6.6.6") : Ours);
        }

        _own.Find(AddressFamily.InterNetwork).ShouldBe(Ours);
    }

    private static AnnounceAnswer Answer(IPAddress? tracker, IPAddress? seen) =>
        new() { Interval = TimeSpan.FromMinutes(30), TrackerAddress = tracker, ExternalAddress = seen };
}
