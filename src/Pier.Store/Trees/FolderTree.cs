using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;
using Pier.Content.Contracts;
using Pier.Content.Trees;
using Pier.Store.Disk;

namespace Pier.Store.Trees;

/// <summary>
/// A folder on disk as a tree, as it was when it was read, with its modes, times, hard links and extended attributes. Links may
/// point anywhere: what they mean is for whoever follows them.
/// </summary>
public sealed class FolderTree : IContentTree, ITreeAttributes
{
    private const int MaxNodes = 4_000_000;

    private readonly bool _isWhole;
    private readonly List<TreeNode> _nodes = [];
    private readonly List<string> _paths = [];
    private readonly Dictionary<ulong, TreeNode[]> _children = [];
    private readonly Dictionary<ulong, ulong> _idOfInode = [];

    /// <summary>Reads a folder.</summary>
    /// <param name="folder">What is shown.</param>
    /// <param name="isWhole">Whether files say that they are files on disk, which fast paths then may read themselves.</param>
    /// <exception cref="ContentFormatException">It has names that cannot be shown, or too many.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public FolderTree(string folder, bool isWhole = true)
    {
        _isWhole = isWhole;
        Add("", folder, FileStatus.Of(folder), TreeNodeKind.Directory);
    }

    /// <inheritdoc/>
    public ulong Root => TreeIndex.Root;

    /// <summary>Bytes of all files.</summary>
    public long TotalBytes => _nodes.Where(node => node.Kind == TreeNodeKind.File).Sum(node => node.Size);

    /// <summary>Files, directories and links.</summary>
    public int Count => _nodes.Count;

    /// <inheritdoc/>
    public ValueTask<TreeNode?> FindAsync(ulong id, CancellationToken cancellationToken) =>
        ValueTask.FromResult(IsNode(id) ? _nodes[(int)id - 1] : null);

    /// <inheritdoc/>
    public ValueTask<TreeNode?> LookupAsync(ulong parent, string name, CancellationToken cancellationToken)
    {
        var children = _children.GetValueOrDefault(parent) ?? [];
        var (low, high) = (0, children.Length - 1);
        while (low <= high)
        {
            var middle = low + ((high - low) / 2);
            switch (TreeNames.Compare(children[middle].Name, name))
            {
                case 0:
                    return ValueTask.FromResult<TreeNode?>(children[middle]);
                case < 0:
                    low = middle + 1;
                    break;
                default:
                    high = middle - 1;
                    break;
            }
        }

        return ValueTask.FromResult<TreeNode?>(null);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<TreeNode> ReadDirectoryAsync(ulong directory, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var child in _children.GetValueOrDefault(directory) ?? [])
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return child;
        }

        await ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<ITreeFile> OpenAsync(ulong file, CancellationToken cancellationToken)
    {
        if (!IsNode(file) || _nodes[(int)file - 1].Kind != TreeNodeKind.File)
        {
            throw new ContentNotFoundException($"There is no file {file}.");
        }

        // Not as random access: what is read in order from a cold disk comes half as fast without the kernel reading ahead.
        var handle = File.OpenHandle(_paths[(int)file - 1]);
        return ValueTask.FromResult<ITreeFile>(_isWhole ? new WholeFile(handle) : new DiskFile(handle));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> ListAttributesAsync(ulong node, CancellationToken cancellationToken) =>
        ValueTask.FromResult(IsNode(node) ? ExtendedAttributes.List(_paths[(int)node - 1]) : []);

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>?> GetAttributeAsync(ulong node, string name, CancellationToken cancellationToken) =>
        ValueTask.FromResult(IsNode(node) ? ExtendedAttributes.Get(_paths[(int)node - 1], name) : null);

    private bool IsNode(ulong id) => id > 0 && id <= (ulong)_nodes.Count;

    private TreeNode Add(string name, string path, FileStatus status, TreeNodeKind kind)
    {
        if (kind == TreeNodeKind.File && _idOfInode.TryGetValue(status.Inode, out var known))
        {
            return _nodes[(int)known - 1] with { Name = name };
        }

        if (_nodes.Count == MaxNodes)
        {
            throw new ContentFormatException($"{path}: a tree of more than {MaxNodes} nodes is not shown.");
        }

        var id = (ulong)_nodes.Count + 1;
        var isFolder = kind == TreeNodeKind.Directory;
        var target = kind == TreeNodeKind.SymbolicLink ? new FileInfo(path).LinkTarget : null;
        var node = new TreeNode(id, name, kind, status.Mode, isFolder ? 0 : status.Size, target, status.Modified, isFolder ? 1 : status.Links);
        _nodes.Add(node);
        _paths.Add(path);
        _idOfInode[status.Inode] = id;
        if (isFolder)
        {
            // Sorted, so that ids follow from the tree. Sockets, pipes and devices hold no content and are left out.
            var names = Directory.EnumerateFileSystemEntries(path).Select(child => Path.GetFileName(child)).ToArray();
            Array.Sort(names, TreeNames.Compare);
            var children = new List<TreeNode>(names.Length);
            foreach (var child in names)
            {
                var below = Path.Combine(path, child);
                var found = FileStatus.Of(below);
                if (found.Kind is { } what)
                {
                    children.Add(Add(child, below, found, what));
                }
            }

            _children[id] = [.. children];
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
