using System.Globalization;
using System.Text;
using Pier.Content.Contracts;

namespace Pier.Store.Trees;

/// <summary>
/// Headers of a tar that follows from a tree alone (POSIX ustar; pax records of POSIX.1-2001 where a name, target or size does not
/// fit): no owner, no time. A frozen format: the digest of a tree is the SHA-256 of its tar.
/// </summary>
internal static class TarHeaderText
{
    /// <summary>Bytes of a block; headers and contents are multiples of it.</summary>
    public const int BlockSize = 512;

    private const int NameSize = 100;
    private const long LargestOctal = 0x1_FFFF_FFFF; // eleven octal digits
    private const int FileMode = 0x1a4; // rw-r--r--
    private const int ProgramMode = 0x1ed; // rwxr-xr-x
    private const int AnyExecute = 0x49; // --x--x--x

    /// <summary>The blocks before an entry's content.</summary>
    /// <param name="path">Its path, without slash at either end.</param>
    /// <param name="node">What it is.</param>
    /// <param name="size">Length of its content in bytes; 0 for what is no file.</param>
    public static byte[] Write(string path, TreeNode node, long size)
    {
        var name = node.Kind == TreeNodeKind.Directory ? path + "/" : path;
        var target = node.Kind == TreeNodeKind.SymbolicLink ? node.LinkTarget ?? "" : "";
        var records = new StringBuilder();
        Record(records, "linkpath", target, Fits(target));
        Record(records, "path", name, Fits(name));
        Record(records, "size", size.ToString(CultureInfo.InvariantCulture), size <= LargestOctal);
        var (kind, mode) = node.Kind switch
        {
            TreeNodeKind.Directory => ('5', ProgramMode),
            TreeNodeKind.SymbolicLink => ('2', 0x1ff),
            _ => ('0', (node.Mode & AnyExecute) != 0 ? ProgramMode : FileMode),
        };
        var main = Block(name, target, mode, size <= LargestOctal ? size : 0, kind);
        if (records.Length == 0)
        {
            return main;
        }

        var extra = Encoding.UTF8.GetBytes(records.ToString());
        var blocks = new byte[BlockSize + Padded(extra.Length) + BlockSize];
        Block("PaxHeader", "", FileMode, extra.Length, 'x').CopyTo(blocks, 0);
        extra.CopyTo(blocks, BlockSize);
        main.CopyTo(blocks, blocks.Length - BlockSize);
        return blocks;
    }

    /// <summary>A length rounded up to whole blocks.</summary>
    public static long Padded(long length) => (length + BlockSize - 1) / BlockSize * BlockSize;

    private static bool Fits(string text) => text.Length <= NameSize && text.All(char.IsAscii);

    /// <summary>A pax record names its own length, the digits of that included.</summary>
    private static void Record(StringBuilder records, string key, string value, bool fits)
    {
        if (fits)
        {
            return;
        }

        var rest = Encoding.UTF8.GetByteCount(value) + key.Length + 3;
        var length = rest + 1;
        while (length != rest + length.ToString(CultureInfo.InvariantCulture).Length)
        {
            length = rest + length.ToString(CultureInfo.InvariantCulture).Length;
        }

        records.Append(CultureInfo.InvariantCulture, $"{length} {key}={value}\n");
    }

    private static byte[] Block(string name, string target, int mode, long size, char kind)
    {
        var block = new byte[BlockSize];
        Put(block, 0, NameSize, name);
        Octal(block, 100, 8, mode);
        Octal(block, 108, 8, 0);
        Octal(block, 116, 8, 0);
        Octal(block, 124, 12, size);
        Octal(block, 136, 12, 0);
        block.AsSpan(148, 8).Fill((byte)' ');
        block[156] = (byte)kind;
        Put(block, 157, NameSize, target);
        "ustar\0"u8.CopyTo(block.AsSpan(257));
        "00"u8.CopyTo(block.AsSpan(263));
        var sum = 0;
        foreach (var value in block)
        {
            sum += value;
        }

        Octal(block, 148, 7, sum);
        return block;
    }

    /// <summary>What fits of a name; the whole stands in a pax record then.</summary>
    private static void Put(byte[] block, int at, int size, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        bytes.AsSpan(0, Math.Min(bytes.Length, size)).CopyTo(block.AsSpan(at));
    }

    private static void Octal(byte[] block, int at, int size, long value) =>
        Encoding.ASCII.GetBytes(Convert.ToString(value, 8).PadLeft(size - 1, '0')).CopyTo(block, at);
}
