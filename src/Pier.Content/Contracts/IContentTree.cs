namespace Pier.Content.Contracts;

/// <summary>A read-only tree of names over content: a torrent's files, an image's file system, a tar (design §2).</summary>
public interface IContentTree
{
    /// <summary>The root directory's id. Ids are a function of the tree, so that they survive restarts.</summary>
    ulong Root { get; }

    /// <summary>A node by its id, the root's too; null when there is none.</summary>
    ValueTask<TreeNode?> FindAsync(ulong id, CancellationToken cancellationToken);

    /// <summary>Finds a child by name; null when there is none.</summary>
    ValueTask<TreeNode?> LookupAsync(ulong parent, string name, CancellationToken cancellationToken);

    /// <summary>The children of a directory, in byte order of their names.</summary>
    IAsyncEnumerable<TreeNode> ReadDirectoryAsync(ulong directory, CancellationToken cancellationToken);

    /// <summary>Opens a file for read-at.</summary>
    /// <exception cref="ContentNotFoundException">No such file.</exception>
    ValueTask<ITreeFile> OpenAsync(ulong file, CancellationToken cancellationToken);
}
