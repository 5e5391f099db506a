using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Pier.BitTorrent.Hashing;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Metadata;

/// <summary>
/// The hash trees of a torrent's files at and above their piece layers (BEP 52), for whoever serves them: a file is found by its
/// root, and a coarse layer of each tree is kept, so that what a peer may ask for at will costs few hashes however large the
/// torrent is. Thread-safe.
/// </summary>
internal sealed class FileTrees
{
    // As many levels as a request of the usual 512 nodes spans: a node costs at most 512 hashes, or one for each 512 pieces.
    private const int Coarse = 9;

    private static readonly ConditionalWeakTable<Metainfo, FileTrees> Known = [];

    private readonly Metainfo _metainfo;
    private readonly Dictionary<MerkleRoot, int> _files = [];
    private readonly ConcurrentDictionary<int, byte[]> _coarse = new();

    private FileTrees(Metainfo metainfo)
    {
        _metainfo = metainfo;
        for (var file = 0; file < metainfo.Files.Count; file++)
        {
            if (metainfo.Files[file].PiecesRoot is { } root)
            {
                _files.TryAdd(root, file);
            }
        }
    }

    /// <summary>The trees of a torrent; kept as long as the torrent is.</summary>
    public static FileTrees Of(Metainfo metainfo) => Known.GetValue(metainfo, static metainfo => new FileTrees(metainfo));

    /// <summary>Index of the first file with this root; null when there is none.</summary>
    public int? Find(MerkleRoot root) => _files.TryGetValue(root, out var file) ? file : null;

    /// <summary>Computes a node.</summary>
    /// <param name="file">Index of a file whose piece layer is known.</param>
    /// <param name="level">Levels above the piece layer.</param>
    /// <param name="index">Number of the node in its level.</param>
    /// <param name="node">Receives <see cref="MerkleTree.HashSize"/> bytes.</param>
    public void Node(int file, int level, int index, Span<byte> node)
    {
        if (level < Coarse)
        {
            Pieces(file).Node(level, index, node);
        }
        else
        {
            var coarse = _coarse.GetOrAdd(file, static (file, trees) => trees.CoarseLayer(file), this);
            new HashLayer(coarse, MerkleTree.PieceLayerHeight(_metainfo.PieceLength) + Coarse).Node(level - Coarse, index, node);
        }
    }

    /// <summary>A file's piece layer.</summary>
    public HashLayer Pieces(int file) => new(_metainfo.PieceLayer(file).Span, MerkleTree.PieceLayerHeight(_metainfo.PieceLength));

    private byte[] CoarseLayer(int file)
    {
        var pieces = Pieces(file);
        var layer = new byte[(((pieces.Count - 1) >> Coarse) + 1) * MerkleTree.HashSize];
        for (var node = 0; node < layer.Length / MerkleTree.HashSize; node++)
        {
            pieces.Node(Coarse, node, layer.AsSpan(node * MerkleTree.HashSize));
        }

        return layer;
    }
}
