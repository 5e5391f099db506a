using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Pier.Volumes.Fuse.Protocol;

/// <summary>Reads the bodies of requests. What is too short is no request: each method then returns false.</summary>
internal static class FuseBodies
{
    private const uint AccessMode = 3;

    /// <summary>The name at the start of a body, closed by NUL; null when its bytes are not UTF-8, which no tree's names are.</summary>
    public static bool TryName(ReadOnlySpan<byte> body, out string? name)
    {
        name = null;
        var end = body.IndexOf((byte)0);
        if (end < 0)
        {
            return false;
        }

        if (Utf8.IsValid(body[..end]))
        {
            name = Encoding.UTF8.GetString(body[..end]);
        }

        return true;
    }

    /// <summary>How a file is opened (<c>fuse_open_in</c>): whether for reading alone.</summary>
    public static bool TryOpen(ReadOnlySpan<byte> body, out bool readOnly)
    {
        readOnly = body.Length >= 8 && (BinaryPrimitives.ReadUInt32LittleEndian(body) & AccessMode) == 0;
        return body.Length >= 8;
    }

    /// <summary>A part of a file or directory (<c>fuse_read_in</c>).</summary>
    public static bool TryRead(ReadOnlySpan<byte> body, out FuseRead read)
    {
        if (body.Length < 20)
        {
            read = default;
            return false;
        }

        read = new FuseRead(
            BinaryPrimitives.ReadUInt64LittleEndian(body),
            BinaryPrimitives.ReadInt64LittleEndian(body[8..]),
            BinaryPrimitives.ReadUInt32LittleEndian(body[16..]));
        return read.Offset >= 0;
    }

    /// <summary>An open file or directory at the start of a body (<c>fuse_release_in</c>).</summary>
    public static bool TryHandle(ReadOnlySpan<byte> body, out ulong handle) =>
        BinaryPrimitives.TryReadUInt64LittleEndian(body, out handle);

    /// <summary>How much of an extended attribute fits, and its name (<c>fuse_getxattr_in</c>).</summary>
    public static bool TryExtendedAttribute(ReadOnlySpan<byte> body, out uint size, out string? name)
    {
        name = null;
        return BinaryPrimitives.TryReadUInt32LittleEndian(body, out size) && body.Length >= 8
            && (body.Length == 8 || TryName(body[8..], out name));
    }

    /// <summary>Where the next data or hole is looked for (<c>fuse_lseek_in</c>).</summary>
    public static bool TrySeek(ReadOnlySpan<byte> body, out FuseSeek seek)
    {
        if (body.Length < 20)
        {
            seek = default;
            return false;
        }

        seek = new FuseSeek(
            BinaryPrimitives.ReadUInt64LittleEndian(body),
            BinaryPrimitives.ReadInt64LittleEndian(body[8..]),
            BinaryPrimitives.ReadUInt32LittleEndian(body[16..]));
        return true;
    }

    /// <summary>The nodes that a batch forgets (<c>fuse_batch_forget_in</c>), as far as they are there: 16 bytes each.</summary>
    public static ReadOnlySpan<byte> Forgotten(ReadOnlySpan<byte> body)
    {
        if (body.Length < 8)
        {
            return [];
        }

        var count = Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(body), (uint)((body.Length - 8) / 16));
        return body.Slice(8, (int)count * 16);
    }
}

/// <summary>A part of a file or directory.</summary>
/// <param name="Handle">As OPEN answered.</param>
/// <param name="Offset">Bytes; for directories what the entry before named.</param>
/// <param name="Size">Bytes wanted.</param>
internal readonly record struct FuseRead(ulong Handle, long Offset, uint Size);

/// <summary>Where the next data or hole is looked for.</summary>
/// <param name="Handle">As OPEN answered.</param>
/// <param name="Offset">Bytes.</param>
/// <param name="Whence">3 for data, 4 for a hole (<c>lseek(2)</c>).</param>
internal readonly record struct FuseSeek(ulong Handle, long Offset, uint Whence);
