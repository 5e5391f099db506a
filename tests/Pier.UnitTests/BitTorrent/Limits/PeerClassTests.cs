using System.Net;
using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Peers;
using Pier.TestKit.Time;

namespace Pier.UnitTests.BitTorrent.Limits;

public sealed class PeerClassTests
{
    private readonly ManualTimeProvider _clock = new();

    [Theory]
    [InlineData("127.0.0.1", PeerClass.SameHost)]
    [InlineData("127.9.9.9", PeerClass.SameHost)]
    [InlineData("::1", PeerClass.SameHost)]
    [InlineData("::ffff:127.0.0.1", PeerClass.SameHost)]
    [InlineData("192.168.7.20", PeerClass.SameHost)]
    [InlineData("192.168.7.21", PeerClass.SameSubnet)]
    [InlineData("::ffff:192.168.7.21", PeerClass.SameSubnet)]
    [InlineData("192.168.4.1", PeerClass.SameSubnet)]
    [InlineData("192.168.8.1", PeerClass.World)]
    [InlineData("192.168.7.99", PeerClass.Cluster)]
    [InlineData("203.0.113.5", PeerClass.Cluster)]
    [InlineData("203.0.113.6", PeerClass.World)]
    [InlineData("2001:db8:1:2::7", PeerClass.SameSubnet)]
    [InlineData("2001:db8:1:3::7", PeerClass.World)]
    [InlineData("10.8.0.2", PeerClass.SameHost)]
    [InlineData("10.8.0.3", PeerClass.World)]
    public void The_nearest_word_counts(string address, PeerClass expected) => Make().Of(IPAddress.Parse(address)).ShouldBe(expected);

    [Fact]
    public void Addresses_of_the_host_are_looked_up_once_a_minute()
    {
        var looked = 0;
        var classes = new PeerClassifier(isMember: null, _clock, () =>
        {
            looked++;
            return [new HostNetwork(IPAddress.Parse(looked == 1 ? "10.0.0.1" : "10.0.1.1"), 24)];
        });
        classes.Of(IPAddress.Parse("10.0.0.7")).ShouldBe(PeerClass.SameSubnet);
        _clock.Advance(TimeSpan.FromSeconds(59));
        classes.Of(IPAddress.Parse("10.0.1.7")).ShouldBe(PeerClass.World);
        looked.ShouldBe(1);
        _clock.Advance(TimeSpan.FromSeconds(1));
        classes.Of(IPAddress.Parse("10.0.1.7")).ShouldBe(PeerClass.SameSubnet);
    }

    [Fact]
    public void This_hosts_own_addresses_are_found() =>
        new PeerClassifier(isMember: null, _clock).Of(IPAddress.Parse("198.51.100.1")).ShouldBe(PeerClass.World);

    [Fact]
    public void Each_class_has_places_of_its_own()
    {
        var connections = new ConnectionCount(maxOpen: 3, maxDials: 1);
        connections.Limit(new EngineLimits { World = new TransferLimits(Connections: 1) });
        connections.TryEnter(PeerClass.World).ShouldBeTrue();
        connections.HasRoom(PeerClass.World).ShouldBeFalse();
        connections.TryEnter(PeerClass.World).ShouldBeFalse();
        connections.TryEnter(PeerClass.SameSubnet).ShouldBeTrue();
        connections.Leave(PeerClass.World);
        connections.HasRoom(PeerClass.World).ShouldBeTrue();
        connections.TryEnter(PeerClass.World).ShouldBeTrue();

        connections.TryOpen().ShouldBeTrue();
        connections.Limit(new EngineLimits { All = new TransferLimits(Connections: 1) });
        connections.TryOpen().ShouldBeFalse();
    }

    private PeerClassifier Make() => new(
        address => address.ToString() is "203.0.113.5" or "192.168.7.99",
        _clock,
        () =>
        [
            new HostNetwork(IPAddress.Parse("192.168.7.20"), 22),
            new HostNetwork(IPAddress.Parse("2001:db8:1:2::1"), 64),
            new HostNetwork(IPAddress.Parse("10.8.0.2"), 32),
            new HostNetwork(IPAddress.Parse("0.0.0.0"), 0),
        ]);
}
