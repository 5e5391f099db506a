namespace Pier.Cli.Output;

/// <summary>A torrent's files as an indented tree; folders say how much lies below them.</summary>
internal sealed class FileTree
{
    private const string Indent = "  ";

    private readonly List<(string Name, FileTree? Folder, TorrentEntry? File)> _children = [];
    private readonly Dictionary<string, FileTree> _folders = new(StringComparer.Ordinal);
    private long _size;

    /// <param name="files">The files in any order; each stands where its folder first appears.</param>
    public FileTree(IEnumerable<TorrentEntry> files)
    {
        foreach (var file in files)
        {
            var folder = this;
            var segments = file.Path.Split('/');
            foreach (var segment in segments[..^1])
            {
                folder._size += file.Size;
                folder = folder.Below(segment);
            }
            folder._size += file.Size;
            folder._children.Add((segments[^1], null, file));
        }
    }

    private FileTree()
    {
    }

    /// <summary>
    /// Writes a line each: the index, which is what <c>--select</c> and a magnet link's <c>so=</c> count by, the size, x for
    /// executable, h for hidden, l for a link, and the name.
    /// </summary>
    public void WriteTo(TextWriter writer, string indent = "")
    {
        foreach (var (name, folder, file) in _children)
        {
            if (folder is not null)
            {
                writer.WriteLine($"{"",6} {Sizes.Bytes(folder._size),10}    {indent}{PlainText.Of(name)}/");
                folder.WriteTo(writer, indent + Indent);
            }
            else if (file is not null)
            {
                var marks = (file.Executable ? "x" : "") + (file.Hidden ? "h" : "") + (file.Link is null ? "" : "l");
                writer.WriteLine($"{file.Index,6} {Sizes.Bytes(file.Size),10} {marks,-2} {indent}{PlainText.Of(name + (file.Link is null ? "" : $" -> {file.Link}"))}");
            }
        }
    }

    private FileTree Below(string name)
    {
        if (!_folders.TryGetValue(name, out var folder))
        {
            folder = _folders[name] = new FileTree();
            _children.Add((name, folder, null));
        }
        return folder;
    }
}
