using System.Text;
using Pier.BitTorrent.Peers;

namespace Pier.UnitTests.BitTorrent.Peers;

/// <summary>Programs by their peer ids, as real ones send them.</summary>
public sealed class ClientNameTests
{
    [Theory]
    [InlineData("-TR3000-abcdefghijkl", "Transmission 3.0")]
    [InlineData("-LT2080-abcdefghijkl", "libtorrent 2.0.8")]
    [InlineData("-lt0D80-abcdefghijkl", "rtorrent 0.13.8")]
    [InlineData("-qB4520-abcdefghijkl", "qBittorrent 4.5.2")]
    [InlineData("-PI0100-abcdefghijkl", "Pier 0.1")]
    [InlineData("A2-1-36-0-abcdefghij", "aria2 1.36.0")]
    [InlineData("A2-1-3x-0-abcdefghij", "A2-1-3x-0-abcdefghij")]
    [InlineData("-ZZ1234-abcdefghijkl", "-ZZ1234-abcdefghijkl")]
    [InlineData("-TR3_00-abcdefghijkl", "-TR3_00-abcdefghijkl")]
    [InlineData("-TR30000abcdefghijkl", "-TR30000abcdefghijkl")]
    [InlineData("\u0001\u0002\u0003 what is this ab", "....what.is.this.ab.")]
    public void A_peer_id_names_a_program(string id, string name)
    {
        var peer = new PeerId(Encoding.ASCII.GetBytes(id.PadRight(PeerId.Size)));
        ClientName.Of(peer).ShouldBe(name);
        peer.IsPier.ShouldBe(name.StartsWith("Pier", StringComparison.Ordinal));
    }
}
