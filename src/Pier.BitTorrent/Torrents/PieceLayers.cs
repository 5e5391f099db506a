using Pier.BitTorrent.Bencoding;
using Pier.BitTorrent.Hashing;

namespace Pier.BitTorrent.Torrents;

/// <summary>The <c>piece layers</c> of a .torrent file (BEP 52): for each file longer than a piece, the tree nodes of its pieces.</summary>
internal sealed class PieceLayers
{
    private const string Where = "piece layers";

    private readonly Dictionary<MerkleRoot, ReadOnlyMemory<byte>> _byRoot;
    private readonly bool _mustBeComplete;

    private PieceLayers(Dictionary<MerkleRoot, ReadOnlyMemory<byte>> byRoot, bool mustBeComplete)
    {
        _byRoot = byRoot;
        _mustBeComplete = mustBeComplete;
    }

    /// <summary>For an info dictionary that came without its .torrent file.</summary>
    public static PieceLayers None { get; } = new([], mustBeComplete: false);

    /// <summary>Layers that were just computed.</summary>
    public static PieceLayers Of(Dictionary<MerkleRoot, ReadOnlyMemory<byte>> byRoot) => new(byRoot, mustBeComplete: true);

    /// <summary>Reads the value of <c>piece layers</c>; an absent one reads as empty.</summary>
    public static PieceLayers Read(ReadOnlyMemory<byte> bencoded)
    {
        var byRoot = new Dictionary<MerkleRoot, ReadOnlyMemory<byte>>();
        if (!bencoded.IsEmpty)
        {
            var reader = new BencodeReader(bencoded.Span, BencodeKeyOrder.Tolerant);
            reader.EnterDictionary();
            while (reader.TryReadKey(out var key))
            {
                if (key.Length != MerkleRoot.Size)
                {
                    throw new MetainfoException(Where, $"a key of {key.Length} bytes instead of {MerkleRoot.Size}");
                }

                var length = reader.ReadBytes().Length;
                byRoot[new MerkleRoot(key)] = bencoded.Slice(reader.Position - length, length);
            }
        }

        return new PieceLayers(byRoot, mustBeComplete: true);
    }

    /// <summary>The checked layer of each file, empty where a file needs none or it is unknown.</summary>
    /// <exception cref="MetainfoException">A layer does not hash to its root, or is missing from a .torrent file.</exception>
    public ReadOnlyMemory<byte>[] ForFiles(TorrentLayout layout)
    {
        var layers = new ReadOnlyMemory<byte>[layout.Files.Count];
        var proved = new HashSet<MerkleRoot>();
        for (var index = 0; index < layers.Length; index++)
        {
            var file = layout.Files[index];
            if (file.PiecesRoot is not { } root || file.Length <= layout.PieceLength)
            {
                continue;
            }

            if (_byRoot.TryGetValue(root, out var layer))
            {
                // Copies of one file share a layer; hashing it for each would let a small torrent cost much time.
                CheckSize(file, layer.Length, layout.PieceLength, Where);
                if (proved.Add(root))
                {
                    Check(file, layer.Span, layout.PieceLength, Where);
                }

                layers[index] = layer;
            }
            else if (_mustBeComplete)
            {
                throw new MetainfoException(Where, $"none for '{file.RelativePath}'");
            }
        }

        return layers;
    }

    /// <summary>Asserts that a layer has a node per piece of the file and hashes to its root.</summary>
    /// <exception cref="MetainfoException">It does not.</exception>
    public static void Check(TorrentFile file, ReadOnlySpan<byte> layer, int pieceLength, string where)
    {
        CheckSize(file, layer.Length, pieceLength, where);
        Span<byte> root = stackalloc byte[MerkleTree.HashSize];
        MerkleTree.RootOver(layer, MerkleTree.PieceLayerHeight(pieceLength), root);
        if (new MerkleRoot(root) != file.PiecesRoot)
        {
            throw new MetainfoException(where, $"the layer of '{file.RelativePath}' does not hash to its pieces root");
        }
    }

    private static void CheckSize(TorrentFile file, int length, int pieceLength, string where)
    {
        var pieces = (file.Length + pieceLength - 1) / pieceLength;
        if (length != pieces * MerkleTree.HashSize)
        {
            throw new MetainfoException(where, $"the layer of '{file.RelativePath}' has {length} bytes for {pieces} pieces");
        }
    }
}
