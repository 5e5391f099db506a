using System.Runtime.CompilerServices;
using Pier.Content.Contracts;
using Pier.Content.Trees;

namespace Pier.TestKit.Trees;

/// <summary>A tree in memory: the twin of real ones for tests.</summary>
public sealed class MemoryTree : IContentTree
{
    private readonly IReadOnlyList<MemoryTreeEntry> _entries;
    private readonly TreeIndex _index;

    /// <param name="entries">Everything in it; directories may be left out.</param>
    public MemoryTree(IReadOnlyList<MemoryTreeEntry> entries)
    {
        _entries = entries;
        _index = TreeIndex.Build(entries.Count, entry => entries[entry].Path.Split('/'), entry => Describe(entries[entry]));
    }

    public ulong Root => TreeIndex.Root;

    public ValueTask<TreeNode?> FindAsync(ulong id, CancellationToken cancellationToken) => ValueTask.FromResult(_index.Find(id));

    public ValueTask<TreeNode?> LookupAsync(ulong parent, string name, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_index.Lookup(parent, name));

    public async IAsyncEnumerable<TreeNode> ReadDirectoryAsync(ulong directory, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var child in _index.Children(directory))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return child;
        }

        await ValueTask.CompletedTask;
    }

    public ValueTask<ITreeFile> OpenAsync(ulong file, CancellationToken cancellationToken) => _index.FileOf(file) is { } entry
        ? ValueTask.FromResult<ITreeFile>(new MemoryFile(_entries[entry].Content!))
        : throw new ContentNotFoundException($"no file {file}");

    private static TreeEntry Describe(MemoryTreeEntry entry) => entry switch
    {
        { Link: { } target } => new TreeEntry(TreeNodeKind.SymbolicLink, entry.Mode, target.Length, target),
        { Content: { } content } => new TreeEntry(TreeNodeKind.File, entry.Mode, content.Length),
        _ => new TreeEntry(TreeNodeKind.Directory, entry.Mode, 0),
    };

    private sealed class MemoryFile(byte[] content) : ITreeFile
    {
        public long Length => content.Length;

        public ValueTask<int> ReadAtAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(offset);
            if (offset >= content.Length)
            {
                return ValueTask.FromResult(0);
            }

            var part = content.AsMemory((int)offset);
            part = part[..Math.Min(part.Length, buffer.Length)];
            part.CopyTo(buffer);
            return ValueTask.FromResult(part.Length);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
