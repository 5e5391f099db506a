using System.Runtime.CompilerServices;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Trees;

namespace Pier.Store.Datasets;

/// <summary>Opens a file of a dataset that is a range of a torrent.</summary>
/// <param name="entry">The file; its torrent is set.</param>
/// <param name="cancellationToken">Gives up.</param>
public delegate ValueTask<ITreeFile> TorrentRangeOpener(DatasetEntry entry, CancellationToken cancellationToken);

/// <summary>A dataset as a tree: its document names the files, blobs are read where the store has them.</summary>
public sealed class DatasetTree : IContentTree
{
    private readonly DatasetDocument _document;
    private readonly IContentStore _store;
    private readonly TorrentRangeOpener? _torrents;
    private readonly TreeIndex _index;

    /// <param name="document">What is in it.</param>
    /// <param name="store">Has its blobs.</param>
    /// <param name="torrents">Opens what lies in torrents; null when nothing does.</param>
    /// <exception cref="ContentFormatException">The entries make no tree; names the one that does not fit.</exception>
    public DatasetTree(DatasetDocument document, IContentStore store, TorrentRangeOpener? torrents)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(store);
        document.Check();
        _document = document;
        _store = store;
        _torrents = torrents;
        _index = Index(document);
    }

    /// <inheritdoc/>
    public ulong Root => TreeIndex.Root;

    /// <inheritdoc/>
    public ValueTask<TreeNode?> FindAsync(ulong id, CancellationToken cancellationToken) => ValueTask.FromResult(_index.Find(id));

    /// <inheritdoc/>
    public ValueTask<TreeNode?> LookupAsync(ulong parent, string name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(_index.Lookup(parent, name));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<TreeNode> ReadDirectoryAsync(ulong directory, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var child in _index.Children(directory))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return child;
        }

        await ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask<ITreeFile> OpenAsync(ulong file, CancellationToken cancellationToken)
    {
        var entry = _index.FileOf(file) is { } index
            ? _document.Entries[index]
            : throw new ContentNotFoundException($"The dataset '{_document.Name}' has no file with the id {file}.");
        if (entry.Torrent is not null)
        {
            return _torrents is { } open
                ? await open(entry, cancellationToken)
                : throw new ContentUnavailableException($"'{entry.Path}' lies in the torrent {entry.Torrent}, which nothing here can open.");
        }

        var reader = await _store.OpenAsync(Digest.Parse(entry.Digest!), cancellationToken)
            ?? throw new ContentUnavailableException($"'{entry.Path}' is the blob {entry.Digest}, which is not held.");
        if (reader.Length == entry.Size)
        {
            return new BlobTreeFile(reader);
        }

        await reader.DisposeAsync();
        throw new ContentMismatchException($"'{entry.Path}' has {entry.Size} bytes, the blob {entry.Digest} {reader.Length}.");
    }

    /// <summary>The names of a document.</summary>
    internal static TreeIndex Index(DatasetDocument document)
    {
        string[][] paths = [.. document.Entries.Select(entry => entry.Path.Split('/'))];
        return TreeIndex.Build(paths.Length, entry => paths[entry], entry => Describe(document.Entries[entry]));
    }

    private static TreeEntry Describe(DatasetEntry entry) => entry switch
    {
        { IsDirectory: true } => new TreeEntry(TreeNodeKind.Directory, entry.Mode, 0),
        { Link: { } target } => new TreeEntry(TreeNodeKind.SymbolicLink, entry.Mode, target.Length, target),
        _ => new TreeEntry(TreeNodeKind.File, entry.Mode, entry.Size),
    };

    /// <summary>A blob as a file.</summary>
    private sealed class BlobTreeFile(IContentReader reader) : ITreeFile
    {
        public long Length => reader.Length;

        public ValueTask<int> ReadAtAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
            reader.ReadAtAsync(offset, buffer, cancellationToken);

        public ValueTask DisposeAsync() => reader.DisposeAsync();
    }
}
