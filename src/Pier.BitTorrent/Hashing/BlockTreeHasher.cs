using System.Security.Cryptography;

namespace Pier.BitTorrent.Hashing;

/// <summary>Hashes a run of bytes block by block into a Merkle node (BEP 52), from portions of any size.</summary>
internal sealed class BlockTreeHasher : IDisposable
{
    private const int WideBytes = WideSha256.Lanes * MerkleTree.BlockSize;

    private readonly IncrementalHash _block = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly MerkleFold _fold = new(layerHeight: 0);
    private int _blockBytes;

    public void Reset()
    {
        if (_blockBytes > 0)
        {
            Span<byte> ignored = stackalloc byte[MerkleTree.HashSize];
            _block.GetHashAndReset(ignored);
            _blockBytes = 0;
        }

        _fold.Reset();
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes = bytes[AppendWide(bytes)..];
        Span<byte> leaf = stackalloc byte[MerkleTree.HashSize];
        while (!bytes.IsEmpty)
        {
            if (_blockBytes == 0 && bytes.Length >= MerkleTree.BlockSize)
            {
                SHA256.HashData(bytes[..MerkleTree.BlockSize], leaf);
                _fold.Add(leaf);
                bytes = bytes[MerkleTree.BlockSize..];
                continue;
            }

            var take = Math.Min(bytes.Length, MerkleTree.BlockSize - _blockBytes);
            _block.AppendData(bytes[..take]);
            _blockBytes += take;
            bytes = bytes[take..];
            if (_blockBytes == MerkleTree.BlockSize)
            {
                EndBlock(leaf);
            }
        }
    }

    /// <summary>The node over all bytes appended, its tree at least <paramref name="minHeight"/> levels high. Appending ends here.</summary>
    public void Root(int minHeight, Span<byte> root)
    {
        if (_blockBytes > 0)
        {
            Span<byte> leaf = stackalloc byte[MerkleTree.HashSize];
            EndBlock(leaf);
        }

        _fold.Root(minHeight, root);
    }

    public void Dispose() => _block.Dispose();

    /// <summary>Hashes as many blocks as can be hashed side by side; returns their bytes.</summary>
    private int AppendWide(ReadOnlySpan<byte> bytes)
    {
        if (_blockBytes > 0 || bytes.Length < WideBytes || !WideSha256.IsSupported)
        {
            return 0;
        }

        Span<byte> leaves = stackalloc byte[WideSha256.Lanes * MerkleTree.HashSize];
        var done = 0;
        for (; bytes.Length - done >= WideBytes; done += WideBytes)
        {
            WideSha256.HashBlocks(bytes.Slice(done, WideBytes), leaves);
            for (var leaf = 0; leaf < leaves.Length; leaf += MerkleTree.HashSize)
            {
                _fold.Add(leaves.Slice(leaf, MerkleTree.HashSize));
            }
        }

        return done;
    }

    private void EndBlock(Span<byte> leaf)
    {
        _block.GetHashAndReset(leaf);
        _fold.Add(leaf);
        _blockBytes = 0;
    }
}
