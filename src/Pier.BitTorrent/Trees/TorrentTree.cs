using System.Runtime.CompilerServices;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.Content.Contracts;
using Pier.Content.Trees;

namespace Pier.BitTorrent.Trees;

/// <summary>
/// A torrent's files as a tree, readable while they arrive. With <see cref="Selection.FileChoice.None"/> only what is read is
/// fetched. A single-file torrent is a tree of that one file.
/// </summary>
public sealed class TorrentTree : IContentTree
{
    private const int FileMode = 0x1a4; // rw-r--r--
    private const int ExecutableMode = 0x1ed; // rwxr-xr-x
    private const int LinkMode = 0x1ff; // rwxrwxrwx

    private readonly Swarm _swarm;
    private readonly Metainfo _metainfo;
    private readonly int[] _files;
    private readonly TreeIndex _index;

    private TorrentTree(Swarm swarm, Metainfo metainfo)
    {
        _swarm = swarm;
        _metainfo = metainfo;
        _files = [.. Enumerable.Range(0, metainfo.Files.Count).Where(file => !metainfo.Files[file].IsPadding)];
        _index = TreeIndex.Build(_files.Length, entry => metainfo.Files[_files[entry]].Path, entry => Describe(metainfo.Files[_files[entry]]));
    }

    /// <inheritdoc/>
    public ulong Root => TreeIndex.Root;

    /// <summary>Files, directories and links.</summary>
    public int Count => _index.Count;

    /// <summary>Opens the tree of a swarm, waiting until peers have told what is in the torrent.</summary>
    /// <exception cref="SwarmException">The swarm failed or was removed before.</exception>
    /// <exception cref="ContentFormatException">Its files make no tree; names the one that does not fit.</exception>
    public static async ValueTask<TorrentTree> OpenAsync(Swarm swarm, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(swarm);
        return new TorrentTree(swarm, await swarm.MetadataAsync(cancellationToken));
    }

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
    public ValueTask<ITreeFile> OpenAsync(ulong file, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var entry = _index.FileOf(file)
            ?? throw new ContentNotFoundException($"The torrent '{_metainfo.Name}' has no file with the id {file}.");
        return ValueTask.FromResult<ITreeFile>((ITreeFile?)_swarm.OpenStored(_metainfo, _files[entry]) ?? _swarm.OpenReader(_metainfo, _files[entry]));
    }

    private static TreeEntry Describe(TorrentFile file)
    {
        if (file.SymlinkTarget is { } target)
        {
            // BEP 47 counts from the torrent's folder, a link from its own.
            var link = string.Join('/', Enumerable.Repeat("..", file.Path.Count - 1).Concat(target));
            return new TreeEntry(TreeNodeKind.SymbolicLink, LinkMode, link.Length, link);
        }

        var mode = file.Attributes.HasFlag(TorrentFileAttributes.Executable) ? ExecutableMode : FileMode;
        return new TreeEntry(TreeNodeKind.File, mode, file.Length);
    }
}
