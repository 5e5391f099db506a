using Pier.BitTorrent.Torrents;
using static Pier.UnitTests.BitTorrent.BencodeText;

namespace Pier.UnitTests.BitTorrent.Torrents;

/// <summary>Info dictionaries written by hand, so that each test shows the one thing that is wrong.</summary>
internal static class InfoText
{
    public const string Length16K = "12:piece lengthi16384e";

    public static string Hashes(int pieces) => "6:pieces" + Str(new string('h', 20 * pieces));

    public static string Root(char filling) => "11:pieces root" + Str(new string(filling, 32));

    /// <summary>A v1 info dictionary around its <c>files</c> entries.</summary>
    public static string V1Files(string files, int pieces) => $"d5:filesl{files}e4:name1:t{Length16K}{Hashes(pieces)}e";

    public static string V1File(string path, long length, string more = "") => $"d{more}6:lengthi{length}e4:pathl{path}ee";

    /// <summary>A v2 info dictionary around its <c>file tree</c>.</summary>
    public static string V2Tree(string tree, string pieceLength = Length16K) =>
        $"d9:file treed{tree}e12:meta versioni2e4:name1:t{pieceLength}e";

    public static string Leaf(string name, long length, string root) => $"{Str(name)}d0:d6:lengthi{length}e{root}ee";

    public static Metainfo ParseInfo(string info) =>
        Metainfo.ParseInfo(Bytes(info), MetainfoEnvelope.Empty, MetainfoLimits.Default);

    public static Metainfo ParseTorrent(string torrent) => Metainfo.Parse(Bytes(torrent));
}
