using System.Net;
using Pier.BitTorrent.Dht;
using Pier.BitTorrent.Peers;

namespace Pier.UnitTests.BitTorrent.Dht;

/// <summary>The key space, and ids that follow from addresses (BEP 42).</summary>
public sealed class NodeIdTests
{
    // The test vectors of BEP 42; its prefix is 21 bits, and the last byte decides which of eight.
    [Theory]
    [InlineData("124.31.75.21", "5fbfbff10c5d6a4ec8a88e4c6ab4c28b95eee401")]
    [InlineData("21.75.31.124", "5a3ce9c14e7a08645677bbd1cfe7d8f956d53256")]
    [InlineData("65.23.51.170", "a5d43220bc8f112a3d426c84764f8c2a1150e616")]
    [InlineData("84.124.73.14", "1b0321dd1bb1fe518101ceef99462b947a01ff41")]
    [InlineData("43.213.53.83", "e56f6cbf5b7c4be0237986d5243b87aa6d51305a")]
    public void The_published_vectors(string address, string id)
    {
        var bytes = Convert.FromHexString(id);
        SecureNodeId.IsValid(new NodeId(bytes), IPAddress.Parse(address)).ShouldBeTrue();
        SecureNodeId.Create(IPAddress.Parse(address), bytes).ToString().ShouldBe(id);

        bytes[0] ^= 0x80;
        SecureNodeId.IsValid(new NodeId(bytes), IPAddress.Parse(address)).ShouldBeFalse();
        bytes[0] ^= 0x80;
        bytes[2] ^= 0x08;
        SecureNodeId.IsValid(new NodeId(bytes), IPAddress.Parse(address)).ShouldBeFalse();
        bytes[2] ^= 0x09;
        SecureNodeId.IsValid(new NodeId(bytes), IPAddress.Parse(address)).ShouldBeTrue("bits 21 to 23 are free");
    }

    [Theory]
    [InlineData("84.124.73.14")]
    [InlineData("2a03:4000:6:1::7")]
    public void An_id_made_for_an_address_is_valid_there_and_not_elsewhere(string text)
    {
        var address = IPAddress.Parse(text);
        var random = new Random(5);
        for (var i = 0; i < 50; i++)
        {
            SecureNodeId.IsValid(SecureNodeId.Create(address, random), address).ShouldBeTrue();
        }

        var elsewhere = Enumerable.Range(0, 200).Count(_ => SecureNodeId.IsValid(SecureNodeId.Create(IPAddress.Parse("8.9.10.11"), random), address));
        elsewhere.ShouldBeLessThan(3);
    }

    [Fact]
    public void Within_local_networks_any_id_is_valid() =>
        SecureNodeId.IsValid(new NodeId(new byte[20]), IPAddress.Parse("192.168.7.7")).ShouldBeTrue();

    [Fact]
    public void Distances_compare_as_numbers()
    {
        var random = new Random(1);
        for (var i = 0; i < 500; i++)
        {
            NodeId target = NodeId.Random(random), a = NodeId.Random(random), b = NodeId.Random(random);
            Math.Sign(target.CompareDistances(a, b)).ShouldBe(Distance(target, a).CompareTo(Distance(target, b)));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(130)]
    [InlineData(159)]
    public void A_point_beside_another_shares_exactly_so_many_bits(int shared)
    {
        var own = NodeId.Random(new Random(shared));
        own.SharedBits(own.Beside(shared, new Random(2))).ShouldBe(shared);
        own.SharedBits(own).ShouldBe(NodeId.Bits);
    }

    [Theory]
    [InlineData("8.8.8.8", "9.9.9.9", true)]
    [InlineData("8.8.8.8", "192.168.0.1", false)]
    [InlineData("8.8.8.8", "127.0.0.1", false)]
    [InlineData("8.8.8.8", "169.254.169.254", false)]
    [InlineData("10.0.0.1", "192.168.0.1", true)]
    [InlineData("192.168.0.1", "127.0.0.1", false)]
    [InlineData("192.168.0.1", "fe80::1", false)]
    [InlineData("127.0.0.1", "10.0.0.1", true)]
    [InlineData("2a00::1", "fd00::1", false)]
    [InlineData("2a00::1", "fec0::1", false)]
    [InlineData("2a00::1", "::", false)]
    [InlineData("2a00::1", "::ffff:192.168.0.1", false)]
    [InlineData("2a00::1", "::ffff:127.0.0.1", false)]
    [InlineData("8.8.8.8", "0.0.0.1", false)]
    public void Strangers_name_no_machines_of_our_own_networks(string teller, string told, bool may) =>
        AddressScopes.MayTell(IPAddress.Parse(teller), IPAddress.Parse(told)).ShouldBe(may);

    [Theory]
    [InlineData("8.8.8.8", "8.8.8.8")]
    [InlineData("2a00:1:2:3:4:5:6:7", "2a00:1:2:3::")]
    [InlineData("fd00:1:2:3:4:5:6:7", "fd00:1:2:3:4:5:6:7")]
    [InlineData("fe80::1", "fe80::1")]
    public void Who_has_a_public_IPv6_address_has_the_network_around_it(string address, string network) =>
        AddressScopes.NetworkOf(IPAddress.Parse(address)).ShouldBe(IPAddress.Parse(network));

    private static System.Numerics.BigInteger Distance(NodeId a, NodeId b)
    {
        Span<byte> first = stackalloc byte[20];
        Span<byte> second = stackalloc byte[20];
        a.CopyTo(first);
        b.CopyTo(second);
        for (var i = 0; i < 20; i++)
        {
            first[i] ^= second[i];
        }

        return new System.Numerics.BigInteger(first, isUnsigned: true, isBigEndian: true);
    }
}
