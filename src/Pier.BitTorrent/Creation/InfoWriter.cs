using System.Buffers;
using Pier.BitTorrent.Bencoding;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Creation;

/// <summary>Writes a new info dictionary: the v1 keys, the v2 keys, or both (BEP 3, 27, 47, 52).</summary>
internal sealed class InfoWriter(TorrentFormat format, string name, int pieceLength, bool isPrivate, bool isSingleFile)
{
    private readonly ArrayBufferWriter<byte> _buffer = new();

    private bool HasV1 => format != TorrentFormat.V2;

    private bool HasV2 => format != TorrentFormat.V1;

    /// <param name="files">All entries in order, padding included.</param>
    /// <param name="pieces">The v1 hashes, or null in a v2-only torrent.</param>
    public ReadOnlyMemory<byte> Write(IReadOnlyList<HashedFile> files, ReadOnlyMemory<byte>? pieces)
    {
        var writer = new BencodeWriter(_buffer);
        writer.WriteDictionaryStart();
        if (isSingleFile && HasV1)
        {
            WriteAttributes(writer, files[0]);
        }

        if (HasV2)
        {
            writer.WriteKey("file tree"u8);
            var tree = files.Where(file => !file.IsPadding).ToArray();
            WriteFolder(writer, tree, depth: 0);
        }

        if (HasV1)
        {
            WriteV1Files(writer, files);
        }

        if (HasV2)
        {
            writer.WriteInteger("meta version"u8, 2);
        }

        writer.WriteText("name"u8, name);
        writer.WriteInteger("piece length"u8, pieceLength);
        if (pieces is { } hashes)
        {
            writer.WriteBytes("pieces"u8, hashes.Span);
        }

        if (isPrivate)
        {
            writer.WriteInteger("private"u8, 1);
        }

        writer.WriteEnd();
        return _buffer.WrittenMemory;
    }

    private void WriteV1Files(BencodeWriter writer, IReadOnlyList<HashedFile> files)
    {
        if (isSingleFile)
        {
            writer.WriteInteger("length"u8, files[0].Length);
            return;
        }

        writer.WriteKey("files"u8);
        writer.WriteListStart();
        foreach (var file in files)
        {
            writer.WriteDictionaryStart();
            WriteAttributes(writer, file);
            writer.WriteInteger("length"u8, file.Length);
            WritePath(writer, "path"u8, file.Path);
            if (file.SymlinkTarget is { } target)
            {
                WritePath(writer, "symlink path"u8, target);
            }

            writer.WriteEnd();
        }

        writer.WriteEnd();
    }

    // The files come in the tree's order, so that each folder is a run of neighbours with the same segment.
    private static void WriteFolder(BencodeWriter writer, ReadOnlySpan<HashedFile> files, int depth)
    {
        writer.WriteDictionaryStart();
        while (!files.IsEmpty)
        {
            var segment = files[0].Path[depth];
            writer.WriteText(segment);
            if (files[0].Path.Length == depth + 1)
            {
                WriteLeaf(writer, files[0]);
                files = files[1..];
                continue;
            }

            var run = 1;
            while (run < files.Length && files[run].Path.Length > depth + 1 && files[run].Path[depth] == segment)
            {
                run++;
            }

            WriteFolder(writer, files[..run], depth + 1);
            files = files[run..];
        }

        writer.WriteEnd();
    }

    private static void WriteLeaf(BencodeWriter writer, HashedFile file)
    {
        writer.WriteDictionaryStart();
        writer.WriteKey([]);
        writer.WriteDictionaryStart();
        WriteAttributes(writer, file);
        writer.WriteInteger("length"u8, file.Length);
        if (file.Tree?.Root is { } root)
        {
            Span<byte> bytes = stackalloc byte[MerkleRoot.Size];
            root.CopyTo(bytes);
            writer.WriteBytes("pieces root"u8, bytes);
        }

        if (file.SymlinkTarget is { } target)
        {
            WritePath(writer, "symlink path"u8, target);
        }

        writer.WriteEnd();
        writer.WriteEnd();
    }

    private static void WriteAttributes(BencodeWriter writer, HashedFile file)
    {
        var letter = file.Attributes switch
        {
            TorrentFileAttributes.Padding => "p",
            TorrentFileAttributes.Executable => "x",
            TorrentFileAttributes.Symlink => "l",
            _ => null,
        };
        if (letter is not null)
        {
            writer.WriteText("attr"u8, letter);
        }
    }

    private static void WritePath(BencodeWriter writer, ReadOnlySpan<byte> key, string[] path)
    {
        writer.WriteKey(key);
        writer.WriteListStart();
        foreach (var segment in path)
        {
            writer.WriteText(segment);
        }

        writer.WriteEnd();
    }
}
