using Pier.BitTorrent.Bencoding;

namespace Pier.BitTorrent.Torrents;

/// <summary>Reads v2's <c>file tree</c> (BEP 52): folders are dictionaries, a file is a dictionary whose only key is empty.</summary>
internal ref struct FileTreeReader(MetainfoLimits limits)
{
    private const string Where = "info.file tree";

    private readonly List<FileDraft> _files = [];
    private readonly List<string> _path = [];

    /// <summary>Reads the tree that starts at the reader's position, files in the order of the tree.</summary>
    public static List<FileDraft> Read(ref BencodeReader reader, MetainfoLimits limits)
    {
        var tree = new FileTreeReader(limits);
        reader.EnterDictionary();
        while (reader.TryReadKey(out var name))
        {
            tree.ReadNode(ref reader, name);
        }

        return tree._files;
    }

    private readonly void ReadNode(ref BencodeReader reader, ReadOnlySpan<byte> name)
    {
        _path.Add(InfoText.Segment(name, $"{Where}/{string.Join('/', _path)}"));
        reader.EnterDictionary();
        if (!reader.TryReadKey(out var key))
        {
            throw Error("an empty folder");
        }

        if (key.IsEmpty)
        {
            ReadFile(ref reader);
        }
        else
        {
            do
            {
                ReadNode(ref reader, key);
            }
            while (reader.TryReadKey(out key));
        }

        _path.RemoveAt(_path.Count - 1);
    }

    private readonly void ReadFile(ref BencodeReader reader)
    {
        if (_files.Count == limits.MaxFiles)
        {
            throw new MetainfoException(Where, $"more than {limits.MaxFiles} files");
        }

        var where = $"{Where}/{string.Join('/', _path)}";
        InfoText.CheckPath(_path, where);
        _files.Add(FileEntryReader.ReadLeaf(ref reader, [.. _path], where));
        if (reader.TryReadKey(out _))
        {
            throw Error("both a file and a folder");
        }
    }

    private readonly MetainfoException Error(string problem) => new($"{Where}/{string.Join('/', _path)}", problem);
}
