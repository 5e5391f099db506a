using Pier.BitTorrent.Torrents;

namespace Pier.UnitTests.BitTorrent.Torrents;

public sealed class InfoHashTests
{
    private const string Hex = "00112233445566778899aabbccddeeff01234567";
    private const string Base32 = "AAISEM2EKVTHPCEZVK54ZXPO74ASGRLH";

    [Theory]
    [InlineData(Hex)]
    [InlineData("00112233445566778899AABBCCDDEEFF01234567")]
    [InlineData(Base32)]
    [InlineData("aaisem2ekvthpcezvk54zxpo74asgrlh")]
    public void Reads_hexadecimal_and_base32(string text)
    {
        var hash = InfoHash.Parse(text);
        hash.ToString().ShouldBe(Hex);
        hash.ShouldBe(new InfoHash(hash.ToArray()));
        hash.ShouldNotBe(default);
    }

    [Theory]
    [InlineData("")]
    [InlineData("00112233445566778899aabbccddeeff0123456")]
    [InlineData("00112233445566778899aabbccddeeff0123456g")]
    [InlineData("AAISEM2EKVTHPCEZVK54ZXPO74ASGRL1")]
    [InlineData("AAISEM2EKVTHPCEZVK54ZXPO74ASGRL")]
    public void Refuses_other_text(string text)
    {
        InfoHash.TryParse(text, out _).ShouldBeFalse();
        Should.Throw<FormatException>(() => InfoHash.Parse(text));
    }

    [Fact]
    public void Refuses_other_lengths()
    {
        Should.Throw<ArgumentException>(() => new InfoHash(new byte[19]));
        Should.Throw<ArgumentException>(() => new InfoHashV2(new byte[20]));
        Should.Throw<ArgumentException>(() => new MerkleRoot(new byte[20]));
        Should.Throw<FormatException>(() => InfoHashV2.Parse(Hex));
    }

    [Fact]
    public void A_v2_hash_is_truncated_for_the_wire()
    {
        var v2 = InfoHashV2.Parse(Hex + "89abcdef0011223344556677");
        v2.Truncated.ToString().ShouldBe(Hex);
        v2.ToString().ShouldBe(Hex + "89abcdef0011223344556677");
        new InfoHashV2(v2.ToArray()).ShouldBe(v2);
    }

    [Fact]
    public void A_torrents_id_has_at_least_one_hash()
    {
        var v1 = InfoHash.Parse(Hex);
        var v2 = InfoHashV2.OfInfo("de"u8);
        Should.Throw<ArgumentException>(() => new TorrentId(null, null));
        var hybrid = new TorrentId(v1, v2);
        hybrid.Primary.ShouldBe(v1);
        hybrid.WireHashes.ShouldBe([v1, v2.Truncated]);
        hybrid.ToString().ShouldBe($"{v1}+{v2}");
        new TorrentId(null, v2).Primary.ShouldBe(v2.Truncated);
        new TorrentId(InfoHash.OfInfo("de"u8), v2).Matches("de"u8).ShouldBeTrue();
        hybrid.Matches("de"u8).ShouldBeFalse();
        new TorrentId(null, v2).Matches("le"u8).ShouldBeFalse();
    }
}
