using System.Runtime.CompilerServices;
using Pier.Content.Contracts;
using Pier.Content.Trees;
using Pier.Volumes.Fuse.Serving;

namespace Pier.Volumes.Whole;

/// <summary>
/// Every torrent there is, as folders named by info-hash: whoever names one has it looked up. A node's id has the torrent's
/// number in the upper 24 bits and the id in its own tree in the others.
/// </summary>
internal sealed class WholeTree(TorrentLookups torrents, TorrentNumbers numbers, TimeSpan namesLast) : IContentTree, IChangingTree
{
    private const int InnerBits = 40;
    private const ulong InnerMask = (1UL << InnerBits) - 1;
    private const int FolderMode = 0x1ed; // rwxr-xr-x

    /// <inheritdoc/>
    public ulong Root => TreeIndex.Root;

    /// <inheritdoc/>
    public TimeSpan? NamesLast(ulong directory) => directory == Root ? namesLast : null;

    /// <inheritdoc/>
    public async ValueTask<TreeNode?> FindAsync(ulong id, CancellationToken cancellationToken)
    {
        if (id == Root)
        {
            return new TreeNode(Root, "", TreeNodeKind.Directory, FolderMode, 0);
        }

        if (numbers.NameOf(id >> InnerBits) is not { } name)
        {
            return null;
        }

        if ((id & InnerMask) == TreeIndex.Root)
        {
            return FolderOf(name);
        }

        using var torrent = await torrents.TakeAsync(name, cancellationToken);
        return Shown(id >> InnerBits, await torrent.Content.Tree.FindAsync(id & InnerMask, cancellationToken));
    }

    /// <inheritdoc/>
    public async ValueTask<TreeNode?> LookupAsync(ulong parent, string name, CancellationToken cancellationToken)
    {
        if (parent != Root)
        {
            using var above = await TakeAsync(parent, cancellationToken);
            return Shown(parent >> InnerBits, await above.Content.Tree.LookupAsync(parent & InnerMask, name, cancellationToken));
        }

        if (!TorrentName.Is(name))
        {
            return null;
        }

        try
        {
            using var torrent = await torrents.TakeAsync(name, cancellationToken);
            return FolderOf(name);
        }
        catch (ContentNotFoundException)
        {
            // Why is told in the log and with the volume.
            return null;
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<TreeNode> ReadDirectoryAsync(ulong directory, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (directory == Root)
        {
            foreach (var known in numbers.Known.Select(FolderOf).OfType<TreeNode>())
            {
                yield return known;
            }

            yield break;
        }

        using var torrent = await TakeAsync(directory, cancellationToken);
        await foreach (var node in torrent.Content.Tree.ReadDirectoryAsync(directory & InnerMask, cancellationToken))
        {
            if (Shown(directory >> InnerBits, node) is { } shown)
            {
                yield return shown;
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask<ITreeFile> OpenAsync(ulong file, CancellationToken cancellationToken) =>
        await (await TakeAsync(file, cancellationToken)).OpenAsync(file & InnerMask, cancellationToken);

    private ValueTask<TorrentLease> TakeAsync(ulong id, CancellationToken cancellationToken) => numbers.NameOf(id >> InnerBits) is { } name
        ? torrents.TakeAsync(name, cancellationToken)
        : throw new ContentNotFoundException($"There is no node {id}.");

    private TreeNode? FolderOf(string name) => numbers.NumberOf(name) is { } number
        ? new TreeNode(((ulong)number << InnerBits) | TreeIndex.Root, name, TreeNodeKind.Directory, FolderMode, 0)
        : null;

    // An id that does not fit belongs to a tree of another kind than torrents are.
    private static TreeNode? Shown(ulong number, TreeNode? node) =>
        node is { Id: <= InnerMask } ? node with { Id = (number << InnerBits) | node.Id } : null;
}
