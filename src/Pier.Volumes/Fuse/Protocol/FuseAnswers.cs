using System.Buffers.Binary;

namespace Pier.Volumes.Fuse.Protocol;

/// <summary>Writes the bodies of answers. Trees do not change, so that what the kernel learns it may keep; names in some folders for a while only.</summary>
internal static class FuseAnswers
{
    /// <summary>Bytes of an entry (<c>fuse_entry_out</c>).</summary>
    public const int EntrySize = 40 + FuseAttributes.Size;

    /// <summary>Bytes of attributes (<c>fuse_attr_out</c>).</summary>
    public const int AttributesSize = 16 + FuseAttributes.Size;

    /// <summary>Bytes of an open file (<c>fuse_open_out</c>).</summary>
    public const int OpenSize = 16;

    /// <summary>Bytes of a file system's numbers (<c>fuse_kstatfs</c>).</summary>
    public const int StatSize = 80;

    /// <summary>Bytes of the length of an extended attribute (<c>fuse_getxattr_out</c>).</summary>
    public const int LengthSize = 8;

    /// <summary>Bytes of an offset (<c>fuse_lseek_out</c>).</summary>
    public const int SeekSize = 8;

    /// <summary>Seconds for which the kernel may keep names and attributes.</summary>
    public const ulong KeepSeconds = 365 * 24 * 3600;

    /// <summary>Bytes of a name.</summary>
    public const int MaxNameBytes = 255;

    private const uint BlockSize = 4096;

    /// <summary>A node under a name, which the kernel then holds.</summary>
    /// <param name="body"><see cref="EntrySize"/> bytes.</param>
    /// <param name="attributes">The node.</param>
    /// <param name="nameSeconds">How long the name stands for it.</param>
    public static void Entry(Span<byte> body, in FuseAttributes attributes, ulong nameSeconds = KeepSeconds)
    {
        body[..40].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(body, attributes.Inode);
        BinaryPrimitives.WriteUInt64LittleEndian(body[16..], nameSeconds);
        BinaryPrimitives.WriteUInt64LittleEndian(body[24..], KeepSeconds);
        attributes.Write(body[40..]);
    }

    /// <summary>There is nothing under the name, and will not be for so many seconds.</summary>
    public static void NoEntry(Span<byte> body, ulong seconds = KeepSeconds)
    {
        body[..EntrySize].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(body[16..], seconds);
    }

    /// <summary>What <c>stat</c> shows.</summary>
    public static void Attributes(Span<byte> body, in FuseAttributes attributes)
    {
        body[..16].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(body, KeepSeconds);
        attributes.Write(body[16..]);
    }

    /// <summary>An open file or directory.</summary>
    /// <param name="body">16 bytes.</param>
    /// <param name="handle">Named by later requests.</param>
    /// <param name="flags">How the kernel treats it.</param>
    /// <param name="backing">The file below, for passthrough.</param>
    public static void Open(Span<byte> body, ulong handle, FuseOpenFlags flags, int backing)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(body, handle);
        BinaryPrimitives.WriteUInt32LittleEndian(body[8..], (uint)flags);
        BinaryPrimitives.WriteInt32LittleEndian(body[12..], backing);
    }

    /// <summary>Numbers of a full file system.</summary>
    /// <param name="body">80 bytes.</param>
    /// <param name="bytes">Of all files.</param>
    /// <param name="files">Nodes.</param>
    public static void Stat(Span<byte> body, long bytes, long files)
    {
        body[..StatSize].Clear();
        BinaryPrimitives.WriteInt64LittleEndian(body, (bytes / BlockSize) + (bytes % BlockSize > 0 ? 1 : 0));
        BinaryPrimitives.WriteInt64LittleEndian(body[24..], files);
        BinaryPrimitives.WriteUInt32LittleEndian(body[40..], BlockSize);
        BinaryPrimitives.WriteInt32LittleEndian(body[44..], MaxNameBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(body[48..], BlockSize);
    }
}

/// <summary>How the kernel treats an open file or directory (<c>FOPEN_…</c>).</summary>
[Flags]
internal enum FuseOpenFlags : uint
{
    None = 0,

    /// <summary>What is in the page cache is still right.</summary>
    KeepCache = 1 << 1,

    /// <summary>A directory's entries may be kept.</summary>
    CacheDirectory = 1 << 3,

    /// <summary>Nothing is to be told at close.</summary>
    NoFlush = 1 << 5,

    /// <summary>Reads go to the file below.</summary>
    Passthrough = 1 << 7,
}
