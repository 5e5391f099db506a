using Pier.Content.Contracts;
using Pier.Content.Trees;

namespace Pier.Volumes.Shelf;

/// <summary>A directory of a tree as a tree of its own. Its root bears the root's id; all other ids stay.</summary>
internal sealed class Subtree : IContentTree, ITreeAttributes
{
    private readonly IContentTree _whole;
    private readonly TreeNode _root;

    private Subtree(IContentTree whole, TreeNode root)
    {
        _whole = whole;
        _root = root;
    }

    /// <inheritdoc/>
    public ulong Root => TreeIndex.Root;

    /// <summary>The directory at a path.</summary>
    /// <exception cref="ContentNotFoundException">There is none; says what is there.</exception>
    public static async ValueTask<IContentTree> OpenAsync(IContentTree whole, string path, CancellationToken cancellationToken)
    {
        if (path.Length == 0)
        {
            return whole;
        }

        var node = await whole.FindAsync(whole.Root, cancellationToken);
        foreach (var name in path.Split('/'))
        {
            node = node is { Kind: TreeNodeKind.Directory } ? await whole.LookupAsync(node.Id, name, cancellationToken) : null;
        }

        return node switch
        {
            { Kind: TreeNodeKind.Directory } => new Subtree(whole, node),
            null => throw new ContentNotFoundException($"subpath: the content has no '{path}'."),
            _ => throw new ContentNotFoundException($"subpath: '{path}' is no folder; name the one that it is in."),
        };
    }

    /// <inheritdoc/>
    public async ValueTask<TreeNode?> FindAsync(ulong id, CancellationToken cancellationToken) =>
        id == Root ? _root with { Id = Root, Name = "" } : await _whole.FindAsync(id, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<TreeNode?> LookupAsync(ulong parent, string name, CancellationToken cancellationToken) =>
        _whole.LookupAsync(IdOf(parent), name, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<TreeNode> ReadDirectoryAsync(ulong directory, CancellationToken cancellationToken) =>
        _whole.ReadDirectoryAsync(IdOf(directory), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ITreeFile> OpenAsync(ulong file, CancellationToken cancellationToken) => _whole.OpenAsync(file, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<string>> ListAttributesAsync(ulong node, CancellationToken cancellationToken) =>
        _whole is ITreeAttributes attributes ? await attributes.ListAttributesAsync(IdOf(node), cancellationToken) : [];

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>?> GetAttributeAsync(ulong node, string name, CancellationToken cancellationToken) =>
        _whole is ITreeAttributes attributes ? await attributes.GetAttributeAsync(IdOf(node), name, cancellationToken) : null;

    private ulong IdOf(ulong id) => id == Root ? _root.Id : id;
}
