using System.Net;
using Pier.BitTorrent.Peers;

namespace Pier.UnitTests.BitTorrent.Peers;

/// <summary>Canonical peer priority by BEP 40's vectors, and by what IPv6 addresses come to under its masks.</summary>
public sealed class PeerPriorityTests
{
    [Theory]
    [InlineData("123.213.32.10", "98.76.54.32", 0xec2d7224)]
    [InlineData("123.213.32.10", "123.213.32.234", 0x99568189)]
    public void The_published_vectors_come_out(string ours, string theirs, uint priority) => Of(ours, 0, theirs, 0).ShouldBe(priority);

    [Theory]
    [InlineData("230.12.123.3", 1234, "230.12.123.3", 300, "012c04d2")]
    [InlineData("230.12.123.1", 1234, "230.12.123.3", 300, "e60c7b01e60c7b03")]
    [InlineData("230.12.23.1", 1234, "230.12.123.3", 300, "e60c1701e60c7b01")]
    [InlineData("230.120.23.1", 1234, "230.12.123.3", 300, "e60c5101e6781501")]
    [InlineData("ffff::1", 1234, "ffff::1", 300, "012c04d2")]
    [InlineData("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", 1, "3001:db8:ffff:ffff:ffff:ffff:ffff:ffff", 1,
        "20010db8ffff5555555555555555555530010db8ffff55555555555555555555")]
    [InlineData("2001:db8:1:ffff:ffff:ffff:ffff:ffff", 1, "2001:db8:2:ffff:ffff:ffff:ffff:ffff", 1,
        "20010db80001ff55555555555555555520010db80002ff555555555555555555")]
    [InlineData("2001:db8:1:ff:ffff:ffff:ffff:ffff", 1, "2001:db8:1:1ff:ffff:ffff:ffff:ffff", 1,
        "20010db8000100ff555555555555555520010db8000101ff5555555555555555")]
    public void Nearer_addresses_are_hashed_to_more_of_their_bytes(string ours, int ourPort, string theirs, int theirPort, string hashed)
    {
        Of(ours, ourPort, theirs, theirPort).ShouldBe(Crc32C(Convert.FromHexString(hashed)));
        Of(theirs, theirPort, ours, ourPort).ShouldBe(Of(ours, ourPort, theirs, theirPort));
    }

    private static uint Of(string ours, int ourPort, string theirs, int theirPort) =>
        PeerPriority.Of(new IPEndPoint(IPAddress.Parse(ours), ourPort), new IPEndPoint(IPAddress.Parse(theirs), theirPort));

    private static uint Crc32C(byte[] bytes)
    {
        const uint polynomial = 0x82f63b78;
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * polynomial);
            }
        }

        return ~crc;
    }
}
