using System.Security.Cryptography;
using Pier.BitTorrent.Torrents;
using static Pier.UnitTests.BitTorrent.BencodeText;
using static Pier.UnitTests.BitTorrent.Torrents.InfoText;

namespace Pier.UnitTests.BitTorrent.Torrents;

public sealed class MetainfoTests
{
    [Fact]
    public void Reads_a_v1_file()
    {
        var info = $"d6:lengthi20000e4:name5:a.iso{Length16K}{Hashes(2)}7:privatei1ee";
        var metainfo = ParseInfo(info);
        metainfo.Name.ShouldBe("a.iso");
        metainfo.IsSingleFile.ShouldBeTrue();
        metainfo.IsPrivate.ShouldBeTrue();
        metainfo.HasV1.ShouldBeTrue();
        metainfo.HasV2.ShouldBeFalse();
        metainfo.TotalLength.ShouldBe(20_000);
        metainfo.PieceCount.ShouldBe(2);
        metainfo.Layout.PieceSize(1).ShouldBe(20_000 - 16_384);
        metainfo.Files.ShouldHaveSingleItem().RelativePath.ShouldBe("a.iso");
        metainfo.Id.V1.ToString().ShouldBe(Convert.ToHexStringLower(SHA1.HashData(Bytes(info))));
        Text(metainfo.V1PieceHash(1)).ShouldBe(new string('h', 20));
        metainfo.TryGetV2PieceHash(0, new byte[32]).ShouldBeFalse();
    }

    [Fact]
    public void Reads_v1_files_with_attributes_and_links()
    {
        var files = V1File("1:d1:a", 10, "4:attr2:hx")
            + V1File("4:.pad1:6", 16_374, "4:attr1:p")
            + "d4:attr1:l4:pathl4:linke12:symlink pathl1:d1:aee"
            + V1File("1:b", 5, "4:attr1:z5:mtimei1e");
        var metainfo = ParseInfo(V1Files(files, 2));
        metainfo.IsSingleFile.ShouldBeFalse();
        metainfo.Files.Select(file => file.RelativePath).ShouldBe(["d/a", ".pad/6", "link", "b"]);
        metainfo.Files.Select(file => file.Offset).ShouldBe([0, 10, 16_384, 16_384]);
        metainfo.Files.Select(file => file.Attributes).ShouldBe(
        [
            TorrentFileAttributes.Hidden | TorrentFileAttributes.Executable,
            TorrentFileAttributes.Padding,
            TorrentFileAttributes.Symlink,
            TorrentFileAttributes.None,
        ]);
        metainfo.Files[2].SymlinkTarget.ShouldBe(["d", "a"]);
        metainfo.TotalLength.ShouldBe(15);
        metainfo.Layout.SpaceLength.ShouldBe(16_389);
    }

    [Fact]
    public void Reads_a_v2_tree_whose_files_begin_pieces()
    {
        var tree = Leaf("a", 10, Root('a')) + "1:dd" + Leaf("b", 20_000, Root('b')) + Leaf("empty", 0, "") + "e" + Leaf("z", 16_384, Root('z'));
        var metainfo = ParseInfo(V2Tree(tree));
        metainfo.HasV1.ShouldBeFalse();
        metainfo.Id.V2.ToString().ShouldBe(Convert.ToHexStringLower(SHA256.HashData(Bytes(V2Tree(tree)))));
        metainfo.Id.WireHashes.ShouldBe([metainfo.Id.V2!.Value.Truncated]);
        metainfo.Files.Select(file => file.RelativePath).ShouldBe(["a", "d/b", "d/empty", "z"]);
        metainfo.Files.Select(file => file.Offset).ShouldBe([0, 16_384, 36_384, 49_152]);
        metainfo.PieceCount.ShouldBe(4);
        Enumerable.Range(0, 4).Select(metainfo.Layout.PieceSize).ShouldBe([10, 16_384, 3_616, 16_384]);
        metainfo.TotalLength.ShouldBe(10 + 20_000 + 16_384);
        Should.Throw<InvalidOperationException>(() => metainfo.V1PieceHash(0).Length);

        var node = new byte[32];
        metainfo.TryGetV2PieceHash(0, node).ShouldBeTrue();
        Text(node).ShouldBe(new string('a', 32));
        metainfo.TryGetV2PieceHash(1, node).ShouldBeFalse("the piece layer came not along");
    }

    [Fact]
    public void A_v2_tree_of_one_file_with_the_torrents_name_is_a_single_file() =>
        ParseInfo(V2Tree(Leaf("t", 10, Root('a')))).IsSingleFile.ShouldBeTrue();

    [Fact]
    public void Reads_the_envelope_and_leaves_out_nonsense()
    {
        var torrent = ParseTorrent(
            "d8:announce17:http://a/announce"
            + "13:announce-listll17:http://b/announce17:http://b/announceelel5:wrong14:udp://c:1/x%20el14:udp://d:1/x%20ee"
            + "7:comment3:hey10:created by4:Pier13:creation datei1000000000e4:infod6:lengthi1e4:name1:a"
            + Length16K + Hashes(1) + "e5:nodesle8:url-list10:http://w/1e");
        torrent.Envelope.TrackerTiers.ShouldBe([["http://b/announce"], ["udp://c:1/x%20"], ["udp://d:1/x%20"]]);
        torrent.Envelope.WebSeeds.ShouldBe(["http://w/1"]);
        torrent.Envelope.Comment.ShouldBe("hey");
        torrent.Envelope.CreatedBy.ShouldBe("Pier");
        torrent.Envelope.CreationDate.ShouldBe(DateTimeOffset.FromUnixTimeSeconds(1_000_000_000));
    }

    [Theory]
    [InlineData("8:announcei1e", "13:announce-list1:x", "7:commenti1e13:creation date1:x", "8:url-listli1eledee")]
    [InlineData("8:announce5:wrong", "13:announce-listli1ee", "13:creation datei-1e", "8:url-listi1e")]
    public void Hints_of_the_wrong_kind_do_not_refuse_a_torrent(string announce, string list, string remarks, string seeds)
    {
        var torrent = ParseTorrent($"d{announce}{list}{remarks}4:infod6:lengthi1e4:name1:a{Length16K}{Hashes(1)}e{seeds}e");
        torrent.Envelope.TrackerTiers.ShouldBeEmpty();
        torrent.Envelope.WebSeeds.ShouldBeEmpty();
        torrent.Envelope.Comment.ShouldBeNull();
        torrent.Envelope.CreationDate.ShouldBeNull();
    }

    [Fact]
    public void Announce_alone_is_the_only_tier() =>
        ParseTorrent($"d8:announce17:http://a/announce4:infod6:lengthi1e4:name1:a{Length16K}{Hashes(1)}ee")
            .Envelope.TrackerTiers.ShouldBe([["http://a/announce"]]);

    [Fact]
    public void Addresses_beyond_the_limits_are_left_out()
    {
        var addresses = string.Concat(Enumerable.Range(0, 300).Select(number => Str($"http://t{number}/announce")));
        var torrent = $"d13:announce-listll{addresses}ee4:infod6:lengthi1e4:name1:a{Length16K}{Hashes(1)}ee";
        ParseTorrent(torrent).Envelope.TrackerTiers.ShouldHaveSingleItem().Count.ShouldBe(MetainfoLimits.Default.MaxUrls);
        var tooLong = Str("http://t/" + new string('a', 3000));
        ParseTorrent($"d8:announce{tooLong}4:infod6:lengthi1e4:name1:a{Length16K}{Hashes(1)}ee").Envelope.TrackerTiers.ShouldBeEmpty();
    }

    [Fact]
    public void Keys_out_of_order_are_tolerated_in_v1_and_hashed_as_they_are()
    {
        var info = $"d4:name1:a6:lengthi1e{Length16K}{Hashes(1)}e";
        ParseInfo(info).Id.V1.ToString().ShouldBe(Convert.ToHexStringLower(SHA1.HashData(Bytes(info))));
    }

    [Fact]
    public void Padding_may_share_one_name() =>
        ParseInfo(V1Files(
            V1File("1:a", 10) + V1File("4:.pad1:9", 9, "4:attr1:p") + V1File("1:b", 10) + V1File("4:.pad1:9", 9, "4:attr1:p"), 1))
            .Files.Count.ShouldBe(4);

    [Fact]
    public void A_torrent_file_is_written_as_it_was_read()
    {
        var text = "d8:announce17:http://a/announce13:announce-listll17:http://a/announceel17:http://b/announceee"
            + $"7:comment1:c10:created by1:p13:creation datei5e4:infod6:lengthi1e4:name1:a{Length16K}{Hashes(1)}e8:url-listl10:http://w/1ee";
        Text(ParseTorrent(text).ToTorrentFile()).ShouldBe(text);
        var bare = $"d4:infod6:lengthi1e4:name1:a{Length16K}{Hashes(1)}ee";
        Text(ParseTorrent(bare).ToTorrentFile()).ShouldBe(bare);
        ParseTorrent(bare).WithEnvelope(ParseTorrent(text).Envelope).ToTorrentFile().ShouldBe(Bytes(text));
    }
}
