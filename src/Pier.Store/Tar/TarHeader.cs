using System.Formats.Tar;
using System.Text;
using Pier.Content.Contracts;

namespace Pier.Store.Tar;

/// <summary>One 512-byte header of a tar (POSIX.1-2024 pax, "ustar Interchange Format"; GNU numbers in base 256).</summary>
/// <param name="Name">Path within the archive, with the prefix field.</param>
/// <param name="Size">Bytes of content that follow.</param>
/// <param name="Type">The type flag.</param>
/// <param name="LinkName">Where a link leads, else mostly empty.</param>
/// <param name="Mode">Permission bits.</param>
/// <param name="ModificationTime">When it was written.</param>
internal readonly record struct TarHeader(string Name, long Size, char Type, string LinkName, UnixFileMode Mode, DateTimeOffset ModificationTime)
{
    public const int BlockSize = 512;

    private const int ChecksumOffset = 148;
    private const int PermissionBits = 0xFFF;

    /// <summary>The permissions where a header says none that can be read.</summary>
    private const int ReadableByAll = 0b111_101_101;

    /// <summary>What it is of; the tars of before 1988 write a folder as a file whose name ends in a slash.</summary>
    public TarEntryType Kind => Type switch
    {
        '\0' when Name.EndsWith('/') => TarEntryType.Directory,
        '\0' or '7' => TarEntryType.RegularFile,
        _ => (TarEntryType)Type,
    };

    /// <summary>Whether no content follows whatever the size says: links, devices, folders, pipes.</summary>
    public bool IsHeaderOnly => Kind is >= TarEntryType.HardLink and <= TarEntryType.Fifo;

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
        return new TarHeader(
            prefix.Length > 0 ? $"{prefix}/{name}" : name,
            Number(block.Slice(124, 12)),
            (char)block[156],
            Text(block.Slice(157, 100)),
            (UnixFileMode)((TryNumber(block.Slice(100, 8), out var mode) ? mode : ReadableByAll) & PermissionBits),
            Time(TryNumber(block.Slice(136, 12), out var seconds) ? seconds : 0));
    }

    /// <summary>Seconds since 1970, or the nearest that there is a date for.</summary>
    public static DateTimeOffset Time(decimal seconds)
    {
        var ticks = Math.Clamp(seconds, DateTimeOffset.MinValue.ToUnixTimeSeconds(), DateTimeOffset.MaxValue.ToUnixTimeSeconds()) * TimeSpan.TicksPerSecond;
        return DateTimeOffset.UnixEpoch.AddTicks((long)ticks);
    }

    private static string Text(ReadOnlySpan<byte> field)
    {
        var end = field.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? field : field[..end]);
    }

    private static long Number(ReadOnlySpan<byte> field) =>
        TryNumber(field, out var number)
            ? number
            : throw new ContentFormatException("A header of the tar holds something else than a number, or one out of range.");

    /// <summary>Octal digits up to the first space or NUL, or what GNU writes where they do not suffice; false for anything else.</summary>
    private static bool TryNumber(ReadOnlySpan<byte> field, out long number)
    {
        if ((field[0] & 0x80) != 0)
        {
            return TryBinary(field, out number);
        }

        number = 0;
        var digits = field.TrimStart(" \0"u8);
        var end = digits.IndexOfAny((byte)' ', (byte)0);
        foreach (var digit in end < 0 ? digits : digits[..end])
        {
            if (digit is < (byte)'0' or > (byte)'7')
            {
                return false;
            }

            number = (number << 3) | (uint)(digit - '0');
        }

        return true;
    }

    /// <summary>Big-endian, in two's complement, but for the topmost bit, which marks it.</summary>
    private static bool TryBinary(ReadOnlySpan<byte> field, out long number)
    {
        var sign = (field[0] & 0x40) != 0 ? 0xFF : 0;
        number = (field[0] ^ sign) & 0x7F;
        foreach (var value in field[1..])
        {
            if (number > long.MaxValue >> 8)
            {
                return false;
            }

            number = (number << 8) | (uint)(value ^ sign);
        }

        number = sign == 0 ? number : ~number;
        return true;
    }
}
