using System.Buffers.Binary;
using System.Text;

namespace Pier.Volumes.Fuse.Protocol;

/// <summary>Packs entries of a directory (<c>fuse_dirent</c>, <c>fuse_direntplus</c>) as long as they fit.</summary>
/// <param name="body">Where they go.</param>
/// <param name="plus">Whether attributes go with them.</param>
/// <param name="nameSeconds">How long names stand for their nodes.</param>
internal struct DirectoryWriter(Memory<byte> body, bool plus, ulong nameSeconds = FuseAnswers.KeepSeconds)
{
    private const int HeadSize = 24;

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>Adds an entry; false when it does not fit.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="attributes">Its node.</param>
    /// <param name="next">Offset of the entry after it.</param>
    /// <param name="isHeld">Whether the kernel is to hold the node; it does not hold <c>.</c> and <c>..</c>.</param>
    public bool TryAdd(string name, in FuseAttributes attributes, long next, bool isHeld)
    {
        var nameBytes = Encoding.UTF8.GetByteCount(name);
        var head = (plus ? FuseAnswers.EntrySize : 0) + HeadSize;
        var size = (head + nameBytes + 7) & ~7;
        if (body.Length - Length < size)
        {
            return false;
        }

        var entry = body.Span.Slice(Length, size);
        entry.Clear();
        if (plus && isHeld)
        {
            FuseAnswers.Entry(entry, attributes, nameSeconds);
        }

        var dirent = entry[(head - HeadSize)..];
        BinaryPrimitives.WriteUInt64LittleEndian(dirent, attributes.Inode);
        BinaryPrimitives.WriteInt64LittleEndian(dirent[8..], next);
        BinaryPrimitives.WriteInt32LittleEndian(dirent[16..], nameBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(dirent[20..], attributes.Mode >> 12);
        Encoding.UTF8.GetBytes(name, dirent[HeadSize..]);
        Length += size;
        return true;
    }
}
