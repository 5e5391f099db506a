using System.Buffers.Binary;

namespace Pier.Volumes.Fuse.Protocol;

/// <summary>What <c>stat</c> shows of a node (<c>fuse_attr</c>, 88 bytes).</summary>
/// <param name="Inode">Inode number.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Modified">Nanoseconds since 1970; may be before.</param>
/// <param name="Mode">Type and permission bits.</param>
/// <param name="Links">Names of the node.</param>
/// <param name="Uid">Owner.</param>
/// <param name="Gid">Group.</param>
internal readonly record struct FuseAttributes(ulong Inode, long Length, long Modified, uint Mode, uint Links, uint Uid, uint Gid)
{
    /// <summary>Bytes.</summary>
    public const int Size = 88;

    private const int SectorSize = 512;
    private const uint PreferredRead = 128 * 1024;
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Writes the 88 bytes.</summary>
    public void Write(Span<byte> target)
    {
        // Floored, so that nanoseconds are never negative.
        var nanoseconds = (uint)(((Modified % NanosecondsPerSecond) + NanosecondsPerSecond) % NanosecondsPerSecond);
        var seconds = (Modified - nanoseconds) / NanosecondsPerSecond;
        BinaryPrimitives.WriteUInt64LittleEndian(target, Inode);
        BinaryPrimitives.WriteInt64LittleEndian(target[8..], Length);
        BinaryPrimitives.WriteInt64LittleEndian(target[16..], (Length / SectorSize) + (Length % SectorSize > 0 ? 1 : 0));
        for (var time = 0; time < 3; time++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(target[(24 + (8 * time))..], seconds);
            BinaryPrimitives.WriteUInt32LittleEndian(target[(48 + (4 * time))..], nanoseconds);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(target[60..], Mode);
        BinaryPrimitives.WriteUInt32LittleEndian(target[64..], Links);
        BinaryPrimitives.WriteUInt32LittleEndian(target[68..], Uid);
        BinaryPrimitives.WriteUInt32LittleEndian(target[72..], Gid);
        BinaryPrimitives.WriteUInt32LittleEndian(target[76..], 0);
        BinaryPrimitives.WriteUInt32LittleEndian(target[80..], PreferredRead);
        BinaryPrimitives.WriteUInt32LittleEndian(target[84..], 0);
    }
}
