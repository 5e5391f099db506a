using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Pier.Content.Contracts;

namespace Pier.Store.Layout;

/// <summary>One 512-byte header of a tar (POSIX.1-2024 pax, "ustar Interchange Format"; GNU numbers in base 256).</summary>
/// <param name="Name">Path within the archive, with the prefix field.</param>
/// <param name="Size">Bytes of content that follow.</param>
/// <param name="Type">The type flag.</param>
internal readonly record struct TarHeader(string Name, long Size, char Type)
{
    public const int BlockSize = 512;

    private const int ChecksumOffset = 148;

    public bool IsRegularFile => Type is '0' or '\0' or '7';

    /// <exception cref="ContentFormatException">The block is no header.</exception>
    public static TarHeader Parse(ReadOnlySpan<byte> block)
    {
        var sum = 8 * ' ';
        for (var i = 0; i < BlockSize; i++)
        {
            sum += i is >= ChecksumOffset and < ChecksumOffset + 8 ? 0 : block[i];
        }

        if (Number(block.Slice(ChecksumOffset, 8)) != sum)
        {
            throw new ContentFormatException("This is no tar, or it is damaged: a header's checksum is wrong.");
        }

        var name = Text(block[..100]);
        var prefix = block.Slice(257, 6).SequenceEqual("ustar\0"u8) ? Text(block.Slice(345, 155)) : "";
        return new TarHeader(prefix.Length > 0 ? $"{prefix}/{name}" : name, Number(block.Slice(124, 12)), (char)block[156]);
    }

    /// <summary>The <c>path</c> and <c>size</c> records of a pax extended header; the last of a kind counts.</summary>
    /// <exception cref="ContentFormatException">It is malformed.</exception>
    public static (string? Path, long? Size) ParsePax(ReadOnlySpan<byte> records)
    {
        string? path = null;
        long? size = null;
        while (!records.IsEmpty)
        {
            var space = records.IndexOf((byte)' ');
            if (space is < 1 or > 9
                || !int.TryParse(records[..space], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                || length <= space + 1 || length > records.Length || records[length - 1] != '\n')
            {
                throw new ContentFormatException("A pax header of the tar is malformed.");
            }

            var record = records[(space + 1)..(length - 1)];
            var equals = record.IndexOf((byte)'=');
            if (equals > 0 && record[..equals].SequenceEqual("path"u8))
            {
                path = Encoding.UTF8.GetString(record[(equals + 1)..]);
            }
            else if (equals > 0 && record[..equals].SequenceEqual("size"u8))
            {
                size = long.TryParse(record[(equals + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var value)
                    ? value
                    : throw new ContentFormatException("A pax header of the tar gives a size that is no number.");
            }

            records = records[length..];
        }

        return (path, size);
    }

    private static string Text(ReadOnlySpan<byte> field)
    {
        var end = field.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? field : field[..end]);
    }

    private static long Number(ReadOnlySpan<byte> field)
    {
        // GNU: the top bit set means a big-endian binary number; octal has 11 digits at most, so that 8 bytes suffice.
        if ((field[0] & 0x80) != 0)
        {
            var value = field.Length >= 12 ? BinaryPrimitives.ReadInt64BigEndian(field[^8..]) : -1;
            return value >= 0 && field[0] == 0x80 && !field[1..^8].ContainsAnyExcept((byte)0)
                ? value
                : throw new ContentFormatException("A header of the tar holds a number out of range.");
        }

        var number = 0L;
        foreach (var digit in field.Trim(" \0"u8))
        {
            if (digit is < (byte)'0' or > (byte)'7')
            {
                throw new ContentFormatException("A header of the tar holds something else than a number.");
            }

            number = (number << 3) | (uint)(digit - '0');
        }

        return number;
    }
}
