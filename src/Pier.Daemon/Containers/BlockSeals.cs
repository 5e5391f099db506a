using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Pier.Daemon.Containers;

/// <summary>
/// Tells for each block of proved files whether what is read now is what was proved then: eight bytes for 16 KiB, of a hash with
/// a key that nobody else knows. Files in a container may change under the hands of whoever serves them.
/// </summary>
internal sealed class BlockSeals
{
    /// <summary>Bytes of a block.</summary>
    public const int BlockSize = 16 << 10;

    /// <summary>Bytes of a seal in memory.</summary>
    public const int SealSize = sizeof(ulong);

    /// <summary>Bytes before a block in the buffers that are hashed.</summary>
    public const int KeySize = 16;

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(KeySize);
    private readonly Dictionary<string, ulong[]> _files = new(StringComparer.Ordinal);

    /// <summary>Makes room for a file.</summary>
    public void Add(string name, long length) => _files[name] = new ulong[(length + BlockSize - 1) / BlockSize];

    /// <summary>Seals a block.</summary>
    /// <param name="name">The file.</param>
    /// <param name="block">Its number in the file.</param>
    /// <param name="keyed">Room for the key, and the block's bytes after it.</param>
    public void Seal(string name, long block, Span<byte> keyed) => _files[name][block] = Hash(keyed);

    /// <summary>True when these are the bytes that were sealed.</summary>
    public bool Check(string name, long block, Span<byte> keyed) => _files[name][block] == Hash(keyed);

    private ulong Hash(Span<byte> keyed)
    {
        _key.CopyTo(keyed);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(keyed, hash);
        return BinaryPrimitives.ReadUInt64LittleEndian(hash);
    }
}
