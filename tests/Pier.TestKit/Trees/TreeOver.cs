using Pier.Content.Contracts;

namespace Pier.TestKit.Trees;

/// <summary>A tree over another, for those who change one thing of it.</summary>
public abstract class TreeOver(IContentTree inner) : IContentTree
{
    public ulong Root => inner.Root;

    public virtual ValueTask<TreeNode?> FindAsync(ulong id, CancellationToken cancellationToken) => inner.FindAsync(id, cancellationToken);

    public virtual ValueTask<TreeNode?> LookupAsync(ulong parent, string name, CancellationToken cancellationToken) => inner.LookupAsync(parent, name, cancellationToken);

    public virtual IAsyncEnumerable<TreeNode> ReadDirectoryAsync(ulong directory, CancellationToken cancellationToken) => inner.ReadDirectoryAsync(directory, cancellationToken);

    public virtual ValueTask<ITreeFile> OpenAsync(ulong file, CancellationToken cancellationToken) => inner.OpenAsync(file, cancellationToken);
}
