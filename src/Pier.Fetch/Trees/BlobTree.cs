using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;
using Pier.Content.Contracts;
using Pier.Content.Trees;

namespace Pier.Fetch.Trees;

/// <summary>A tree of one file, a blob; each opening reads it from where it is best had.</summary>
internal sealed class BlobTree : IContentTree
{
    private const int FileMode = 0x124; // r--r--r--

    private readonly IContentFetcher _contents;
    private readonly BlobRequest _request;
    private readonly TreeIndex _index;

    public BlobTree(IContentFetcher contents, BlobRequest request)
    {
        _contents = contents;
        _request = request;
        _index = TreeIndex.Build(1, _ => [request.Digest.Hex], _ => new TreeEntry(TreeNodeKind.File, FileMode, request.Size ?? 0));
    }

    /// <inheritdoc/>
    public ulong Root => TreeIndex.Root;

    /// <inheritdoc/>
    public ValueTask<TreeNode?> FindAsync(ulong id, CancellationToken cancellationToken) => ValueTask.FromResult(_index.Find(id));

    /// <inheritdoc/>
    public ValueTask<TreeNode?> LookupAsync(ulong parent, string name, CancellationToken cancellationToken) => ValueTask.FromResult(_index.Lookup(parent, name));

    /// <inheritdoc/>
    public async IAsyncEnumerable<TreeNode> ReadDirectoryAsync(ulong directory, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var child in _index.Children(directory))
        {
            yield return child;
        }

        await ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask<ITreeFile> OpenAsync(ulong file, CancellationToken cancellationToken)
    {
        if (_index.FileOf(file) is null)
        {
            throw new ContentNotFoundException($"{_request.Digest} has no file with the id {file}.");
        }

        var reader = await _contents.OpenAsync(_request, cancellationToken);
        return reader is IFileBacked { Handle: var handle } ? new SealedFile(reader, handle) : new BlobFile(reader);
    }

    private class BlobFile(IContentReader reader) : ITreeFile
    {
        public long Length => reader.Length;

        public ValueTask<int> ReadAtAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
            reader.ReadAtAsync(offset, buffer, cancellationToken);

        public ValueTask DisposeAsync() => reader.DisposeAsync();
    }

    private sealed class SealedFile(IContentReader reader, SafeFileHandle handle) : BlobFile(reader), IFileBacked
    {
        public SafeFileHandle Handle => handle;
    }
}
