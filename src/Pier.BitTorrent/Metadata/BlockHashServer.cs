using System.Buffers;
using System.Numerics;
using Pier.BitTorrent.Hashing;
using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Metadata;

/// <summary>
/// Answers requests for nodes below the piece layer (BEP 52), which are kept nowhere: the piece is read and hashed. One at a
/// time over all torrents and at a bounded rate, the last ones remembered. Thread-safe.
/// </summary>
internal sealed class BlockHashServer(TimeProvider time) : IDisposable
{
    private const long BytesPerSecond = 128L << 20;
    private const int MaxCachedBytes = 4 << 20;

    private readonly RateBucket _rate = RateBucket.Of(BytesPerSecond, time);
    private readonly SemaphoreSlim _turn = new(1);
    private readonly Dictionary<(TorrentId Id, int Piece), byte[]> _cache = [];
    private readonly Queue<(TorrentId Id, int Piece)> _order = new();
    private int _cached;

    /// <summary>The payload of a hashes message, or null when the request is refused.</summary>
    /// <param name="content">The torrent.</param>
    /// <param name="request">A request for nodes below the piece layer.</param>
    /// <param name="cancellationToken">The peer has gone.</param>
    /// <exception cref="IOException">The storage cannot be read.</exception>
    public async ValueTask<byte[]?> AnswerAsync(TorrentContent content, HashRequest request, CancellationToken cancellationToken)
    {
        if (PieceOf(content.Metainfo, request) is not { } piece || !content.Have[piece])
        {
            return null;
        }

        await _turn.WaitAsync(cancellationToken);
        try
        {
            var leaves = await LeavesAsync(content, piece, cancellationToken);
            return IsIntact(content.Metainfo, piece, leaves) ? Answer(content.Metainfo, piece, leaves, request) : null;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private static int? PieceOf(Metainfo metainfo, HashRequest request)
    {
        if (!metainfo.HasV2 || FileTrees.Of(metainfo).Find(request.Root) is not { } index)
        {
            return null;
        }

        var file = metainfo.Files[index];
        var offset = ((long)request.Index << request.BaseLayer) * MerkleTree.BlockSize;
        var inPiece = ((long)request.Length << request.BaseLayer) * MerkleTree.BlockSize <= metainfo.PieceLength;
        return offset < file.Length && inPiece ? (int)((file.Offset + offset) / metainfo.PieceLength) : null;
    }

    private async ValueTask<byte[]> LeavesAsync(TorrentContent content, int piece, CancellationToken cancellationToken)
    {
        var key = (content.Metainfo.Id, piece);
        if (_cache.TryGetValue(key, out var known))
        {
            return known;
        }

        var length = BlockTree.Of(content.Metainfo, piece).Content;
        _rate.Fill(time.GetTimestamp());
        _rate.Take(length);
        if (_rate.Wait is var wait && wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, time, cancellationToken);
        }

        var buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            await content.Storage.ReadAsync(content.Grid.OffsetOf(piece), buffer.AsMemory(0, length), cancellationToken);
            var leaves = BlockTree.LeavesOf(buffer.AsSpan(0, length));
            Remember(key, leaves);
            return leaves;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Remember((TorrentId Id, int Piece) key, byte[] leaves)
    {
        _cache[key] = leaves;
        _order.Enqueue(key);
        _cached += leaves.Length;
        while (_cached > MaxCachedBytes && _order.TryDequeue(out var oldest) && _cache.Remove(oldest, out var dropped))
        {
            _cached -= dropped.Length;
        }
    }

    /// <summary>Whether the disk still holds what the torrent says: who serves hashes of rot is taken for a liar.</summary>
    private static bool IsIntact(Metainfo metainfo, int piece, byte[] leaves)
    {
        Span<byte> expected = stackalloc byte[MerkleTree.HashSize];
        Span<byte> actual = stackalloc byte[MerkleTree.HashSize];
        new HashLayer(leaves, layerHeight: 0).Node(BlockTree.Of(metainfo, piece).Height, 0, actual);
        return !metainfo.TryGetV2PieceHash(piece, expected) || actual.SequenceEqual(expected);
    }

    private static byte[]? Answer(Metainfo metainfo, int piece, byte[] leaves, HashRequest request)
    {
        var tree = BlockTree.Of(metainfo, piece);
        var blocks = new HashLayer(leaves, layerHeight: 0);
        var level = request.BaseLayer + BitOperations.Log2((uint)request.Length);
        // As at the piece layer: uncles that the nodes themselves make are left out.
        var made = Math.Max(0, level - request.BaseLayer - 1);
        var uncles = Math.Clamp(request.ProofLayers - made, 0, Math.Max(0, tree.FileHeight - level));
        if (level > tree.Height || (level + uncles > tree.Height && metainfo.PieceLayer(tree.File).IsEmpty))
        {
            return null;
        }

        var trees = FileTrees.Of(metainfo);
        var answer = new byte[HashRequest.Size + (request.Length + uncles) * MerkleTree.HashSize];
        request.CopyTo(answer);
        var output = answer.AsSpan(HashRequest.Size);
        var first = request.Index - (tree.FirstLeaf >> request.BaseLayer);
        for (var node = 0; node < request.Length; node++)
        {
            blocks.Node(request.BaseLayer, first + node, output[(node * MerkleTree.HashSize)..]);
        }

        for (var uncle = 0; uncle < uncles; uncle++)
        {
            var height = level + uncle;
            var sibling = (request.Index >> (height - request.BaseLayer)) ^ 1;
            var node = output[((request.Length + uncle) * MerkleTree.HashSize)..];
            if (height < tree.Height)
            {
                blocks.Node(height, sibling - (tree.FirstLeaf >> height), node);
            }
            else
            {
                trees.Node(tree.File, height - tree.Height, sibling, node);
            }
        }

        return answer;
    }
}
