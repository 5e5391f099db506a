using Pier.BitTorrent.Bencoding;

namespace Pier.BitTorrent.Torrents;

/// <summary>Reads the description of one file, which v1 lists and v2 trees write with nearly the same keys.</summary>
internal static class FileEntryReader
{
    /// <summary>Reads an entry of v1's <c>files</c>, which brings its own path.</summary>
    public static FileDraft ReadListed(ref BencodeReader reader, string where)
    {
        var fields = Read(ref reader, where);
        return fields.ToDraft(fields.Path ?? throw new MetainfoException(where, "no path"), where);
    }

    /// <summary>Reads a leaf of v2's <c>file tree</c>, whose path is its place.</summary>
    public static FileDraft ReadLeaf(ref BencodeReader reader, string[] path, string where)
    {
        var draft = Read(ref reader, where).ToDraft(path, where);
        if (draft.PiecesRoot is null != (draft.Length == 0))
        {
            throw new MetainfoException(where, draft.Length == 0 ? "an empty file with a pieces root" : "no pieces root");
        }

        return draft.IsPadding ? throw new MetainfoException(where, "a v2 file tree has no padding files") : draft;
    }

    private static Fields Read(ref BencodeReader reader, string where)
    {
        var fields = new Fields();
        reader.EnterDictionary();
        while (reader.TryReadKey(out var key))
        {
            if (key.SequenceEqual("length"u8))
            {
                fields.Length = Once(fields.Length, reader.ReadInteger(), where, "length");
            }
            else if (key.SequenceEqual("path"u8))
            {
                var path = InfoText.Path(ref reader, where + ".path");
                fields.Path = fields.Path is null ? path : throw new MetainfoException(where, "path is there twice");
            }
            else if (key.SequenceEqual("attr"u8))
            {
                fields.Attributes |= InfoText.Attributes(reader.ReadBytes());
            }
            else if (key.SequenceEqual("symlink path"u8))
            {
                fields.SymlinkTarget = InfoText.Path(ref reader, where + ".symlink path");
            }
            else if (key.SequenceEqual("pieces root"u8))
            {
                var root = reader.ReadBytes();
                fields.PiecesRoot = root.Length == MerkleRoot.Size
                    ? new MerkleRoot(root)
                    : throw new MetainfoException(where + ".pieces root", $"{root.Length} bytes instead of {MerkleRoot.Size}");
            }
            else
            {
                reader.Skip();
            }
        }

        return fields;
    }

    private static long Once(long? earlier, long value, string where, string name) =>
        earlier is null ? value : throw new MetainfoException(where, $"{name} is there twice");

    private struct Fields
    {
        public long? Length;
        public string[]? Path;
        public TorrentFileAttributes Attributes;
        public string[]? SymlinkTarget;
        public MerkleRoot? PiecesRoot;

        public readonly FileDraft ToDraft(string[] path, string where)
        {
            var symlink = Attributes.HasFlag(TorrentFileAttributes.Symlink);
            var length = Length ?? (symlink ? 0 : throw new MetainfoException(where, "no length"));
            if (length < 0)
            {
                throw new MetainfoException(where + ".length", $"{length} bytes");
            }

            if (symlink && (length != 0 || SymlinkTarget is null))
            {
                throw new MetainfoException(where, "a symbolic link has a target and no bytes");
            }

            return new FileDraft(path, length, Attributes, symlink ? SymlinkTarget : null, PiecesRoot);
        }
    }
}
