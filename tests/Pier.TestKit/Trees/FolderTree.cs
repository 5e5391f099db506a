using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Pier.Content.Contracts;

namespace Pier.TestKit.Trees;

/// <summary>A folder on disk as a tree, as it was when it was read: what a mount of it must equal.</summary>
public sealed class FolderTree : IContentTree, ITreeAttributes
{
    private readonly bool _isWhole;
    private readonly List<TreeNode> _nodes = [];
    private readonly List<string> _paths = [];
    private readonly Dictionary<ulong, List<TreeNode>> _children = [];
    private readonly Dictionary<ulong, ulong> _idOfInode = [];

    /// <param name="folder">What is shown.</param>
    /// <param name="isWhole">Whether files say that they are files on disk, which the kernel then may read itself.</param>
    public FolderTree(string folder, bool isWhole = true)
    {
        _isWhole = isWhole;
        Add("", folder);
    }

    public ulong Root => 1;

    /// <summary>Bytes of all files.</summary>
    public long TotalBytes => _nodes.Sum(node => node.Size);

    /// <summary>The extended attributes of every node.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();

    public ValueTask<TreeNode?> FindAsync(ulong id, CancellationToken cancellationToken) =>
        ValueTask.FromResult(id is > 0 && id <= (ulong)_nodes.Count ? _nodes[(int)id - 1] : null);

    public ValueTask<TreeNode?> LookupAsync(ulong parent, string name, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_children.GetValueOrDefault(parent)?.Find(child => child.Name == name));

    public async IAsyncEnumerable<TreeNode> ReadDirectoryAsync(ulong directory, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var child in _children.GetValueOrDefault(directory) ?? [])
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return child;
        }

        await ValueTask.CompletedTask;
    }

    public ValueTask<ITreeFile> OpenAsync(ulong file, CancellationToken cancellationToken)
    {
        if (file == 0 || file > (ulong)_nodes.Count || _nodes[(int)file - 1].Kind != TreeNodeKind.File)
        {
            throw new ContentNotFoundException($"no file {file}");
        }

        var handle = File.OpenHandle(_paths[(int)file - 1], options: FileOptions.RandomAccess);
        return ValueTask.FromResult<ITreeFile>(_isWhole ? new WholeFile(handle) : new DiskFile(handle));
    }

    public ValueTask<IReadOnlyList<string>> ListAttributesAsync(ulong node, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<string>>([.. Attributes.Keys]);

    public ValueTask<ReadOnlyMemory<byte>?> GetAttributeAsync(ulong node, string name, CancellationToken cancellationToken) =>
        ValueTask.FromResult<ReadOnlyMemory<byte>?>(Attributes.TryGetValue(name, out var value) ? new ReadOnlyMemory<byte>(Encoding.UTF8.GetBytes(value)) : default(ReadOnlyMemory<byte>?));

    private TreeNode Add(string name, string path)
    {
        var status = FileStatus.Of(path);
        if (status.Kind == TreeNodeKind.File && _idOfInode.TryGetValue(status.Inode, out var known))
        {
            return _nodes[(int)known - 1] with { Name = name };
        }

        var id = (ulong)_nodes.Count + 1;
        var target = status.Kind == TreeNodeKind.SymbolicLink ? new FileInfo(path).LinkTarget : null;
        var size = status.Kind == TreeNodeKind.Directory ? 0 : status.Size;
        var links = status.Kind == TreeNodeKind.Directory ? 1 : status.Links;
        var node = new TreeNode(id, name, status.Kind, status.Mode, size, target, status.Modified, links);
        _nodes.Add(node);
        _paths.Add(path);
        _idOfInode[status.Inode] = id;
        if (status.Kind == TreeNodeKind.Directory)
        {
            var children = Directory.EnumerateFileSystemEntries(path).Order(StringComparer.Ordinal);
            _children[id] = [];
            foreach (var child in children)
            {
                _children[id].Add(Add(Path.GetFileName(child), child));
            }
        }

        return node;
    }

    private class DiskFile(SafeFileHandle handle) : ITreeFile
    {
        public SafeFileHandle Handle => handle;

        public long Length => RandomAccess.GetLength(handle);

        public ValueTask<int> ReadAtAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
            RandomAccess.ReadAsync(handle, buffer, offset, cancellationToken);

        public ValueTask DisposeAsync()
        {
            handle.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class WholeFile(SafeFileHandle handle) : DiskFile(handle), IFileBacked;
}
