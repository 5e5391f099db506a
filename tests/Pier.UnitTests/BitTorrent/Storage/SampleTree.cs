using Pier.BitTorrent.Creation;
using Pier.BitTorrent.Torrents;
using Pier.TestKit.Files;
using Pier.UnitTests.BitTorrent.Swarms;

namespace Pier.UnitTests.BitTorrent.Storage;

/// <summary>A folder of files that share pieces in a v1 torrent: 32 KiB pieces, of which the files begin and end in the middle.</summary>
internal sealed record SampleTree(string Folder, Metainfo Torrent, byte[] Space)
{
    public const int PieceLength = 32 << 10;

    /// <summary>The files in the torrent's order.</summary>
    public static (string Path, int Length)[] Files { get; } =
        [("a.bin", 200_001), ("b/b.bin", 65_536), ("b/c/d.bin", 3), ("e.bin", 100_000), ("empty", 0), ("z.bin", 150_000)];

    public static byte[] Bytes(string path) => Engines.RandomBytes(Files.Single(file => file.Path == path).Length, path.Length);

    public static async Task<SampleTree> CreateAsync(TempFolder folder, TorrentFormat format, CancellationToken cancellationToken)
    {
        var root = folder.MakeFolder("tree");
        foreach (var (path, _) in Files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(root, path))!);
            await File.WriteAllBytesAsync(Path.Combine(root, path), Bytes(path), cancellationToken);
        }

        var options = new TorrentCreationOptions { Format = format, PieceLength = PieceLength };
        var torrent = await TorrentBuilder.CreateAsync(root, options, progress: null, cancellationToken);
        var space = new byte[torrent.Layout.SpaceLength];
        foreach (var file in torrent.Files.Where(file => !file.IsPadding))
        {
            Bytes(file.RelativePath).CopyTo(space, file.Offset);
        }

        return new SampleTree(root, torrent, space);
    }

    /// <summary>Index of a file in the torrent.</summary>
    public int IndexOf(string path) => Torrent.Files.ToList().FindIndex(file => file.RelativePath == path);

    /// <summary>The pieces that have bytes of a file.</summary>
    public IEnumerable<int> PiecesOf(string path)
    {
        var file = Torrent.Files[IndexOf(path)];
        for (var piece = (int)(file.Offset / PieceLength); piece * (long)PieceLength < file.End; piece++)
        {
            yield return piece;
        }
    }

    /// <summary>A piece's bytes.</summary>
    public ReadOnlyMemory<byte> Piece(int piece) => Space.AsMemory(piece * PieceLength, Torrent.Layout.PieceSize(piece));
}
