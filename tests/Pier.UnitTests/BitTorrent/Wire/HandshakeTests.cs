using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Wire;

namespace Pier.UnitTests.BitTorrent.Wire;

/// <summary>The 68 bytes of BEP 3, to the byte.</summary>
public sealed class HandshakeTests
{
    private const string Golden =
        "13426974546f7272656e742070726f746f636f6c0000000000100014"
        + "000102030405060708090a0b0c0d0e0f10111213"
        + "2d5049303130302d6162636465666768696a6b6c";

    private static readonly Handshake Sample = new(
        ReservedBits.Extensions | ReservedBits.Fast | ReservedBits.V2,
        new InfoHash(Convert.FromHexString("000102030405060708090a0b0c0d0e0f10111213")),
        new PeerId("-PI0100-abcdefghijkl"u8));

    [Fact]
    public void Is_written_as_specified()
    {
        var bytes = new byte[Handshake.Size];
        Sample.CopyTo(bytes);
        Convert.ToHexStringLower(bytes).ShouldBe(Golden);
    }

    [Fact]
    public void Reads_what_it_writes() => Handshake.Parse(Convert.FromHexString(Golden)).ShouldBe(Sample);

    [Fact]
    public void Who_sets_the_bit_or_names_the_second_hash_speaks_v2()
    {
        var first = new InfoHash(new byte[20]);
        var second = new InfoHashV2(Convert.FromHexString("000102030405060708090a0b0c0d0e0f10111213" + "000000000000000000000000"));
        var plain = Sample with { Reserved = ReservedBits.Fast };

        Sample.SpeaksV2(new TorrentId(first, second)).ShouldBeTrue("the bit says so");
        plain.SpeaksV2(new TorrentId(first, second)).ShouldBeTrue("only who knows v2 has that hash");
        (plain with { InfoHash = first }).SpeaksV2(new TorrentId(first, second)).ShouldBeFalse();
        plain.SpeaksV2(new TorrentId(first, null)).ShouldBeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData("13426974")]
    [InlineData("13426974546f7272656e742070726f746f636f6d")]
    public void Refuses_anything_else(string hex) =>
        Should.Throw<WireException>(() => Handshake.Parse(Convert.FromHexString(hex)));

    [Theory]
    [InlineData("", true)]
    [InlineData("13", true)]
    [InlineData("134269", true)]
    [InlineData("47455420", false)]
    [InlineData("13426975", false)]
    public void Tells_garbage_at_its_first_byte(string hex, bool can) =>
        Handshake.CanStartWith(Convert.FromHexString(hex)).ShouldBe(can);
}
