using Pier.BitTorrent.Torrents;
using static Pier.UnitTests.BitTorrent.BencodeText;
using static Pier.UnitTests.BitTorrent.Torrents.InfoText;

namespace Pier.UnitTests.BitTorrent.Torrents;

/// <summary>Everything that an unfriendly torrent may try is refused, naming the field.</summary>
public sealed class HostileMetainfoTests
{
    private const string Ok = "4:name1:t" + Length16K;

    public static TheoryData<string, string, string> Infos => new()
    {
        // fields
        { "de", "info.name", "missing" },
        { "d4:name1:te", "info.piece length", "missing" },
        { $"d{Ok}e", "info", "neither" },
        { $"d6:lengthi1e{Ok}e", "info", "come together" },
        { $"d{Ok}{Hashes(1)}e", "info", "come together" },
        { $"d5:filesle6:lengthi1e{Ok}{Hashes(1)}e", "info", "both" },
        { $"d5:filesle{Ok}{Hashes(0)}e", "info", "no files" },
        { $"d6:lengthi-1e{Ok}{Hashes(1)}e", "info.length", "-1 bytes" },
        { $"d6:lengthi1e6:lengthi1e{Ok}{Hashes(1)}e", "info", "repeats a key" },
        { $"d6:lengthi1e{Ok}{Hashes(1)}6:lengthi2ee", "info.length", "there twice" },
        { $"d6:lengthi1e4:name1:t4:namf0:{Length16K}{Hashes(1)}4:name1:ue", "info.name", "there twice" },
        { $"d6:lengthi1e{Ok}6:pieces21:hhhhhhhhhhhhhhhhhhhhhe", "info.pieces", "whole number" },
        { $"d6:lengthi1e{Ok}{Hashes(2)}e", "info.pieces", "2 hashes" },
        { $"d6:lengthi0e{Ok}{Hashes(1)}e", "info.pieces", "0 pieces" },
        { $"d6:lengthi1e4:name1:t12:piece lengthi0e{Hashes(1)}e", "info.piece length", "not within" },
        { $"d6:lengthi1e4:name1:t12:piece lengthi536870912e{Hashes(1)}e", "info.piece length", "not within" },
        { $"d6:lengthi1e12:meta versioni3e{Ok}{Hashes(1)}e", "info.meta version", "not known" },
        { $"d6:lengthi1e12:meta versioni2e{Ok}{Hashes(1)}e", "info", "come together" },
        { $"d9:file treed{Leaf("a", 1, Root('a'))}e{Ok}e", "info", "come together" },
        { $"d6:lengthi9223372036854775807e{Ok}{Hashes(1)}e", "info", "more than" },
        { $"d6:lengthi1e{Ok}{Hashes(1)}ei1e", "info", "bytes follow" },
        { $"d6:length1:1{Ok}{Hashes(1)}e", "info", "expected an integer" },

        // names
        { $"d6:lengthi1e4:name2:..{Length16K}{Hashes(1)}e", "info.name", "leads out" },
        { $"d6:lengthi1e4:name1:.{Length16K}{Hashes(1)}e", "info.name", "leads out" },
        { $"d6:lengthi1e4:name0:{Length16K}{Hashes(1)}e", "info.name", "empty name" },
        { $"d6:lengthi1e4:name3:a/b{Length16K}{Hashes(1)}e", "info.name", "U+002F" },
        { $"d6:lengthi1e4:name3:a\\b{Length16K}{Hashes(1)}e", "info.name", "U+005C" },
        { $"d6:lengthi1e4:name3:a\0b{Length16K}{Hashes(1)}e", "info.name", "U+0000" },
        { $"d6:lengthi1e4:name3:a\nb{Length16K}{Hashes(1)}e", "info.name", "U+000A" },
        { $"d6:lengthi1e4:name2:C:{Length16K}{Hashes(1)}e", "info.name", "drive" },
        { $"d6:lengthi1e4:name3:con{Length16K}{Hashes(1)}e", "info.name", "device" },
        { $"d6:lengthi1e4:name7:NUL.txt{Length16K}{Hashes(1)}e", "info.name", "device" },
        { $"d6:lengthi1e4:name1:\u00ff{Length16K}{Hashes(1)}e", "info.name", "not UTF-8" },
        { $"d6:lengthi1e4:name{Str(new string('a', 256))}{Length16K}{Hashes(1)}e", "info.name", "longer than 255" },

        // v1 paths
        { V1Files(V1File("2:..6:passwd", 1), 1), "info.files[0].path", "leads out" },
        { V1Files(V1File("1:a", 1) + V1File("11:/etc/passwd", 1), 1), "info.files[1].path", "U+002F" },
        { V1Files(V1File("", 1), 1), "info.files[0].path", "0 segments" },
        { V1Files(V1File(string.Concat(Enumerable.Repeat("1:a", 65)), 1), 1), "info.files[0].path", "more than 64" },
        { V1Files(V1File(string.Concat(Enumerable.Repeat(Str(new string('a', 250)), 20)), 1), 1), "info.files[0].path", "longer than 4000" },
        { V1Files("d6:lengthi1ee", 1), "info.files[0]", "no path" },
        { V1Files("d4:pathl1:aee", 1), "info.files[0]", "no length" },
        { V1Files("d6:lengthi-1e4:pathl1:aee", 1), "info.files[0].length", "-1 bytes" },
        { V1Files("d6:lengthi1e4:pathl1:ae4:zzzz0:6:lengthi2ee", 1), "info.files[0]", "length is there twice" },
        { V1Files("d6:lengthi1e4:pathl1:ae4:zzzz0:4:pathl1:bee", 1), "info.files[0]", "path is there twice" },
        { V1Files(V1File("1:a", 1) + V1File("1:a", 1), 1), "info", "there twice" },
        { V1Files(V1File("1:a", 1) + V1File("1:a1:b", 1), 1), "info", "both a file and a folder" },
        { V1Files(V1File("1:a1:b1:c", 1) + V1File("1:a", 1), 1), "info", "both a file and a folder" },
        { V1Files(V1File("1:a", 1L << 50) + V1File("1:b", 1), 1), "info", "more than" },
        { V1Files(V1File("1:a", long.MaxValue) + V1File("1:b", long.MaxValue), 1), "info", "more than" },

        // symbolic links
        { V1Files("d4:attr1:l6:lengthi0e4:pathl1:ae12:symlink pathl2:..3:etcee", 0), "info.files[0].symlink path", "leads out" },
        { V1Files("d4:attr1:l6:lengthi0e4:pathl1:aee", 0), "info.files[0]", "has a target" },
        { V1Files("d4:attr1:l6:lengthi5e4:pathl1:ae12:symlink pathl1:bee", 1), "info.files[0]", "no bytes" },
        { V1Files("d4:attr1:l6:lengthi0e4:pathl1:ae12:symlink pathl1:bee" + V1File("1:a1:c", 1), 1), "info", "both a file and a folder" },

        // v2
        { V2Tree(Leaf("a", 1, Root('a')), "12:piece lengthi8192e"), "info.piece length", "power of two" },
        { V2Tree(Leaf("a", 1, Root('a')), "12:piece lengthi24576e"), "info.piece length", "power of two" },
        { V2Tree(""), "info", "no files" },
        { V2Tree(Leaf("a", 1, "")), "info.file tree/a", "no pieces root" },
        { V2Tree(Leaf("a", 0, Root('a'))), "info.file tree/a", "empty file with" },
        { V2Tree(Leaf("a", 1, "11:pieces root3:abc")), "info.file tree/a.pieces root", "3 bytes" },
        { V2Tree(Leaf("..", 1, Root('a'))), "info.file tree/", "leads out" },
        { V2Tree("1:dd" + Leaf("..", 1, Root('a')) + "e"), "info.file tree/d", "leads out" },
        { V2Tree("1:dde"), "info.file tree/d", "empty folder" },
        { V2Tree("0:d6:lengthi0ee"), "info.file tree/", "empty name" },
        { V2Tree($"1:ad0:d6:lengthi1e{Root('a')}e1:bdee"), "info.file tree/a", "both a file and a folder" },
        { V2Tree(Leaf("b", 1, Root('a')) + Leaf("a", 1, Root('a'))), "info", "ascending" },
        { V2Tree("1:ad0:d4:attr1:p6:lengthi1e" + Root('a') + "ee"), "info.file tree/a", "no padding" },
        { V2Tree(Leaf("a", 1L << 49, Root('a'))), "info", "pieces of 16384" },
        { V2Tree(string.Concat(Enumerable.Repeat("1:dd", 60)) + new string('e', 60)), "info", "empty folder" },
        { V2Tree(string.Concat(Enumerable.Repeat("1:dd", 70))), "info", "containers within each other" },
        { V2Tree("1:td0:d4:attr1:l6:lengthi0e12:symlink pathl1:aeee"), "info", "one file that is a link" },

        // hybrids whose halves disagree
        { Hybrid("d6:lengthi10e4:pathl1:aee", Leaf("b", 10, Root('a'))), "info", "is 'b'" },
        { Hybrid("d6:lengthi10e4:pathl1:aee", Leaf("a", 11, Root('a'))), "info", "10 bytes in v1 and 11 in v2" },
        { Hybrid("d6:lengthi10e4:pathl1:aee", Leaf("a", 10, Root('a')) + Leaf("b", 0, "")), "info", "missing from 'files'" },
        { Hybrid("d6:lengthi10e4:pathl1:aeed6:lengthi0e4:pathl1:bee", Leaf("a", 10, Root('a'))), "info", "missing from 'file tree'" },
        { Hybrid("d6:lengthi10e4:pathl1:aeed6:lengthi1e4:pathl1:bee", Leaf("a", 10, Root('a')) + Leaf("b", 1, Root('b'))), "info", "piece boundary" },
        { Hybrid("d4:attr1:l6:lengthi0e4:pathl1:ae12:symlink pathl1:bee", Leaf("a", 0, "")), "info", "another symbolic link" },
        { Hybrid("d4:attr1:l6:lengthi0e4:pathl1:ae12:symlink pathl1:bee", "1:ad0:d4:attr1:l6:lengthi0e12:symlink pathl1:ceee"), "info", "another symbolic link" },
        { $"d9:file treed1:td{Leaf("t", 1, Root('a'))}ee6:lengthi1e12:meta versioni2e{Ok}{Hashes(1)}e", "info", "the v2 half a folder" },
    };

    [Theory]
    [MemberData(nameof(Infos))]
    public void Is_refused(string info, string where, string problem)
    {
        var error = Should.Throw<MetainfoException>(() => ParseInfo(info));
        error.Where.ShouldStartWith(where);
        error.Message.ShouldContain(problem);
    }

    [Theory]
    [InlineData("i1e", "torrent", "expected a dictionary")]
    [InlineData("<html>", "torrent", "no value starts")]
    [InlineData("", "torrent", "ends too early")]
    [InlineData("de", "info", "missing")]
    [InlineData("d4:infod4:zzzz0:e4:zzzzi1e4:infodee", "info", "there twice")]
    [InlineData("d12:piece layersde3:zzz0:12:piece layersdee", "piece layers", "there twice")]
    [InlineData("dei1e", "torrent", "bytes follow")]
    public void A_torrent_file_is_refused(string torrent, string where, string problem)
    {
        var error = Should.Throw<MetainfoException>(() => ParseTorrent(torrent));
        error.Where.ShouldBe(where);
        error.Message.ShouldContain(problem);
    }

    [Fact]
    public void Piece_layers_that_lie_or_are_missing_are_refused()
    {
        string Torrent(string layers) => $"d4:info{V2Tree(Leaf("a", 40_000, Root('a')))}{layers}e";
        var root = Str(new string('a', 32));
        Refused(Torrent(""), "none for 'a'");
        Refused(Torrent("12:piece layersd1:a0:e"), "a key of 1 bytes");
        Refused(Torrent($"12:piece layersd{root}{Str(new string('x', 64))}e"), "64 bytes for 3 pieces");
        Refused(Torrent($"12:piece layersd{root}{Str(new string('x', 96))}e"), "does not hash");
        Refused(Torrent("12:piece layersi1e"), "expected a dictionary");

        static void Refused(string torrent, string problem) =>
            Should.Throw<MetainfoException>(() => ParseTorrent(torrent)).Message.ShouldContain(problem);
    }

    [Fact]
    public void Sizes_beyond_the_limits_are_refused()
    {
        var info = Bytes(V1Files(V1File("1:a", 1) + V1File("1:b", 1), 1));
        var envelope = MetainfoEnvelope.Empty;
        Should.Throw<MetainfoException>(() => Metainfo.ParseInfo(info, envelope, new MetainfoLimits { MaxInfoBytes = 10 }));
        Should.Throw<MetainfoException>(() => Metainfo.ParseInfo(info, envelope, new MetainfoLimits { MaxFiles = 1 }))
            .Message.ShouldContain("more than 1 files");
        var tree = Bytes(V2Tree(Leaf("a", 1, Root('a')) + Leaf("b", 1, Root('b'))));
        Should.Throw<MetainfoException>(() => Metainfo.ParseInfo(tree, envelope, new MetainfoLimits { MaxFiles = 1 }))
            .Message.ShouldContain("more than 1 files");
        Should.Throw<MetainfoException>(() => Metainfo.Parse(new byte[100], new MetainfoLimits { MaxTorrentBytes = 99 }))
            .Message.ShouldContain("more than 99");
    }

    [Fact]
    public void A_million_files_are_refused_in_moments()
    {
        var files = new System.Text.StringBuilder();
        for (var file = 0; file < 1_000_000; file++)
        {
            files.Append("d6:lengthi0e4:pathl7:").Append(file.ToString("D7", System.Globalization.CultureInfo.InvariantCulture)).Append("ee");
        }

        var info = Bytes(V1Files(files + V1File("1:z", 1), 1));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Should.Throw<MetainfoException>(() => Metainfo.ParseInfo(info, MetainfoEnvelope.Empty, new MetainfoLimits { MaxInfoBytes = int.MaxValue }))
            .Message.ShouldContain("more than 200000 files");
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(200L << 20);
    }

    private static string Hybrid(string files, string tree) =>
        $"d9:file treed{tree}e5:filesl{files}e12:meta versioni2e{Ok}{Hashes(1)}e";
}
