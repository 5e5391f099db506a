using System.Buffers.Binary;
using System.Numerics;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Wire;

/// <summary>Which nodes of a file's hash tree are asked for, answered or refused (BEP 52, messages 21 to 23).</summary>
/// <param name="Root">The file, by its pieces root.</param>
/// <param name="BaseLayer">Layer of the nodes: 0 is the blocks.</param>
/// <param name="Index">First node of that layer; a multiple of <paramref name="Length"/>.</param>
/// <param name="Length">Nodes; a power of two.</param>
/// <param name="ProofLayers">Layers above from which uncles prove the nodes.</param>
internal readonly record struct HashRequest(MerkleRoot Root, int BaseLayer, int Index, int Length, int ProofLayers)
{
    /// <summary>Bytes of a request or reject payload, and what stands before the nodes of an answer.</summary>
    public const int Size = MerkleRoot.Size + 16;

    private const int MaxLayer = 48;

    /// <summary>Reads the fields at the start of a payload.</summary>
    /// <exception cref="WireException">Too short, or fields beyond what BEP 52 allows.</exception>
    public static HashRequest Parse(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < Size)
        {
            throw new WireException($"a hash message of {payload.Length} bytes");
        }

        var fields = payload[MerkleRoot.Size..];
        var layer = BinaryPrimitives.ReadUInt32BigEndian(fields);
        var index = BinaryPrimitives.ReadUInt32BigEndian(fields[4..]);
        var length = BinaryPrimitives.ReadUInt32BigEndian(fields[8..]);
        var proofs = BinaryPrimitives.ReadUInt32BigEndian(fields[12..]);
        if (layer > MaxLayer || proofs > MaxLayer || index > int.MaxValue
            || length is 0 or > WireLimits.MaxHashes || !BitOperations.IsPow2(length) || index % length != 0)
        {
            throw new WireException($"a hash message for {length} nodes at {index} of layer {layer} with {proofs} proof layers");
        }

        return new HashRequest(new MerkleRoot(payload[..MerkleRoot.Size]), (int)layer, (int)index, (int)length, (int)proofs);
    }

    /// <summary>Reads an answer: the fields, then whole nodes.</summary>
    /// <exception cref="WireException">Malformed, or more nodes than were asked for and can prove them.</exception>
    public static HashRequest ParseAnswer(ReadOnlySpan<byte> payload, out ReadOnlySpan<byte> nodes)
    {
        var request = Parse(payload);
        nodes = payload[Size..];
        if (nodes.Length % MerkleRoot.Size != 0 || nodes.Length / MerkleRoot.Size > request.Length + request.ProofLayers)
        {
            throw new WireException($"{nodes.Length} bytes of hashes for {request.Length} nodes");
        }

        return request;
    }

    /// <summary>Writes <see cref="Size"/> bytes.</summary>
    public void CopyTo(Span<byte> destination)
    {
        Root.CopyTo(destination);
        var fields = destination[MerkleRoot.Size..];
        BinaryPrimitives.WriteInt32BigEndian(fields, BaseLayer);
        BinaryPrimitives.WriteInt32BigEndian(fields[4..], Index);
        BinaryPrimitives.WriteInt32BigEndian(fields[8..], Length);
        BinaryPrimitives.WriteInt32BigEndian(fields[12..], ProofLayers);
    }
}
