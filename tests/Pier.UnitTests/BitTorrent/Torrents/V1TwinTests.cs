using Pier.BitTorrent.Magnets;
using Pier.BitTorrent.Torrents;
using static Pier.UnitTests.BitTorrent.Torrents.InfoText;

namespace Pier.UnitTests.BitTorrent.Torrents;

public sealed class V1TwinTests
{
    [Fact]
    public void Only_a_hybrid_has_one()
    {
        V1Twin.Of(ParseInfo($"d6:lengthi1e4:name1:t{Length16K}{Hashes(1)}e")).ShouldBeNull();
        V1Twin.Of(ParseInfo(V2Tree(Leaf("t", 1, Root('a'))))).ShouldBeNull();
    }

    [Fact]
    public void It_is_the_hybrid_without_its_v2_keys()
    {
        var tree = $"9:file treed{Leaf("t", 1, Root('a'))}e";
        var hybrid = ParseInfo($"d{tree}6:lengthi1e12:meta versioni2e4:name1:t{Length16K}{Hashes(1)}7:privatei1ee");
        var twin = V1Twin.Of(hybrid)!;
        BencodeText.Text(twin.Info.Span).ShouldBe($"d6:lengthi1e4:name1:t{Length16K}{Hashes(1)}7:privatei1ee");
        twin.IsPrivate.ShouldBeTrue();
    }

    [Fact]
    public void Its_magnet_names_it_by_v1_alone()
    {
        var torrent = ParseTorrent(
            $"d8:announce17:http://a/announce4:infod9:file treed{Leaf("t", 1, Root('a'))}e6:lengthi1e12:meta versioni2e4:name1:t"
            + $"{Length16K}{Hashes(1)}e12:piece layersde8:url-list10:http://w/1e");
        MagnetLink.To(torrent).ToString().ShouldBe(
            $"magnet:?xt=urn:btih:{torrent.Id.V1}&xt=urn:btmh:1220{torrent.Id.V2}&dn=t&tr=http%3A%2F%2Fa%2Fannounce&ws=http%3A%2F%2Fw%2F1");
        var twin = V1Twin.Of(torrent)!;
        MagnetLink.To(twin).ToString().ShouldBe($"magnet:?xt=urn:btih:{twin.Id.V1}&dn=t&tr=http%3A%2F%2Fa%2Fannounce&ws=http%3A%2F%2Fw%2F1");
    }
}
