using Microsoft.Win32.SafeHandles;
using Pier.BitTorrent.Selection;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Storage;

/// <summary>
/// The files of a torrent on disk, opened when used and closed when too many are open. A file that is not complete bears a
/// name of its own, so that nobody takes it for the real one.
/// </summary>
internal sealed class TreeFiles : IDisposable
{
    /// <summary>What stands for the side file where files go by index.</summary>
    public const int SideIndex = -1;

    /// <summary>How the names of files end that are not complete.</summary>
    public const string Unfinished = ".pier-part";

    private readonly Lock _gate = new();
    private readonly string _root;
    private readonly IReadOnlyList<TorrentFile> _files;
    private readonly IReadOnlyList<string>? _onlyFile;
    private readonly bool _readOnly;
    private readonly int _maxOpen;
    private readonly long[] _modified;
    private readonly bool _keepsTimes;
    private readonly LinkedList<OpenFile> _byUse = new();
    private readonly Dictionary<int, LinkedListNode<OpenFile>> _open = [];
    private bool _isDisposed;

    /// <param name="metainfo">The torrent.</param>
    /// <param name="destination">The file of a single-file torrent, the folder of the files otherwise.</param>
    /// <param name="options">How to treat what is there.</param>
    public TreeFiles(Metainfo metainfo, string destination, FileTreeOptions options)
    {
        var full = Path.GetFullPath(destination);
        _files = metainfo.Files;
        _onlyFile = metainfo.IsSingleFile ? [Path.GetFileName(full)] : null;
        _root = metainfo.IsSingleFile ? Path.GetDirectoryName(full)! : full;
        _readOnly = options.IsSealed || options.IsReadOnly;
        _maxOpen = options.MaxOpenFiles;
        _modified = new long[_files.Count];
        _keepsTimes = options.ResumeFile is not null;
        Side = new SideFile(_root, metainfo.Id.Primary);
        if (!_readOnly)
        {
            Directory.CreateDirectory(_root);
            TreeNames.Check(metainfo, _root);
        }
    }

    /// <summary>The file for bytes of files that are not wanted.</summary>
    public SideFile Side { get; }

    /// <summary>What is on disk of a file, under either name; null when nothing is.</summary>
    public FileFacts? Look(int file)
    {
        using var done = NoFollow.OpenFile(_root, PathOf(file), write: false, create: false);
        using var part = done is null && !_readOnly ? NoFollow.OpenFile(_root, UnfinishedPathOf(file), write: false, create: false) : null;
        if ((done ?? part) is not { } handle)
        {
            return null;
        }

        _modified[file] = FileTimes.Of(handle);
        return new FileFacts(RandomAccess.GetLength(handle), _modified[file], done is null);
    }

    /// <summary>Each file's time of last change as far as it is known here, and the side file's; 0 for what is not there.</summary>
    public long[] Times() => [.. _modified, Side.Modified];

    /// <summary>Whether a range of a file may have been written whole.</summary>
    public bool IsWritten(int file, long offset, long length)
    {
        using var lease = Take(file);
        return NoFollow.HasNoHole(lease.Handle, offset, length);
    }

    /// <summary>Reads from a file.</summary>
    /// <exception cref="IOException">The file is missing, too short, or cannot be read.</exception>
    public void Read(int file, long offset, Span<byte> destination)
    {
        using var lease = Take(file);
        while (!destination.IsEmpty)
        {
            var read = RandomAccess.Read(lease.Handle, destination, offset);
            if (read == 0)
            {
                throw new EndOfStreamException($"{NameOf(file)} ends at byte {offset}");
            }

            destination = destination[read..];
            offset += read;
        }
    }

    /// <summary>Opens a file for reading, under either name; null when it is not there.</summary>
    public SafeFileHandle? Reopen(int file)
    {
        lock (_gate)
        {
            return NoFollow.OpenFile(_root, PathOf(file), write: false, create: false)
                ?? NoFollow.OpenFile(_root, UnfinishedPathOf(file), write: false, create: false);
        }
    }

    /// <summary>Writes to a file, made in its full length by the first write.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(int file, long offset, ReadOnlySpan<byte> bytes)
    {
        using var lease = Take(file);
        RandomAccess.Write(lease.Handle, bytes, offset);
        if (_keepsTimes)
        {
            FileTimes.Keep(lease.Handle, _modified[file]);
        }
    }

    /// <summary>Has a file reach the disk.</summary>
    /// <exception cref="IOException">It cannot.</exception>
    public void Flush(int file)
    {
        if (file == SideIndex)
        {
            Side.Flush();
            return;
        }

        using var lease = Take(file);
        RandomAccess.FlushToDisk(lease.Handle);
    }

    /// <summary>Has the wanted files reach the disk and gives them their final names.</summary>
    /// <param name="wanted">Which are wanted; null for all.</param>
    public void Finish(IReadOnlyList<FilePriority>? wanted)
    {
        if (_readOnly)
        {
            return;
        }

        CloseAll();
        IReadOnlyList<string>? named = null;
        for (var file = 0; file < _files.Count; file++)
        {
            if (!_files[file].IsPadding && wanted?[file] != FilePriority.Skip
                && FinishedFile.Name(_root, _files[file], PathOf(file), UnfinishedPathOf(file), _gate) is { } modified)
            {
                // Once for the files of a folder that follow each other: there may be very many small ones.
                if (named is not null && !named.SkipLast(1).SequenceEqual(PathOf(file).SkipLast(1)))
                {
                    FinishedFile.Sync(_root, named);
                }

                _modified[file] = modified;
                named = PathOf(file);
            }
        }

        if (named is not null)
        {
            FinishedFile.Sync(_root, named);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
        }

        CloseAll();
    }

    private Lease Take(int file)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_open.TryGetValue(file, out var node))
            {
                _byUse.Remove(node);
                _byUse.AddFirst(node);
            }
            else
            {
                node = _open[file] = _byUse.AddFirst(new OpenFile(file, Open(file)));
                CloseIdle();
            }

            node.Value.Users++;
            return new Lease(this, node.Value);
        }
    }

    private void CloseIdle()
    {
        for (var node = _byUse.Last; node is not null && _open.Count > _maxOpen;)
        {
            var previous = node.Previous;
            if (node.Value.Users == 0)
            {
                Close(node.Value);
            }

            node = previous;
        }
    }

    private void CloseAll()
    {
        lock (_gate)
        {
            foreach (var open in _byUse.ToArray())
            {
                Close(open);
            }
        }
    }

    // A handle in use stays valid until its last use: the runtime counts.
    private void Close(OpenFile open)
    {
        _byUse.Remove(_open[open.File]);
        _open.Remove(open.File);
        open.Handle.Dispose();
    }

    private SafeFileHandle Open(int file)
    {
        var done = NoFollow.OpenFile(_root, PathOf(file), write: !_readOnly, create: false);
        if (_readOnly)
        {
            return done ?? throw new FileNotFoundException($"{NameOf(file)} is missing");
        }

        var handle = done ?? NoFollow.OpenFile(_root, UnfinishedPathOf(file), write: true, create: true)!;
        if (done is null && RandomAccess.GetLength(handle) != _files[file].Length)
        {
            // Sparse: the disk gives room to what is written.
            RandomAccess.SetLength(handle, _files[file].Length);
            _modified[file] = 0;
        }

        if (_modified[file] == 0)
        {
            _modified[file] = FileTimes.Of(handle);
        }

        return handle;
    }

    private IReadOnlyList<string> PathOf(int file) => _onlyFile ?? _files[file].Path;

    private IReadOnlyList<string> UnfinishedPathOf(int file)
    {
        var path = PathOf(file);
        return [.. path.SkipLast(1), path[^1] + Unfinished];
    }

    private string NameOf(int file) => Path.Combine([_root, .. PathOf(file)]);

    private sealed class OpenFile(int file, SafeFileHandle handle)
    {
        public int File => file;

        public SafeFileHandle Handle => handle;

        public int Users { get; set; }
    }

    private readonly struct Lease(TreeFiles owner, OpenFile open) : IDisposable
    {
        public SafeFileHandle Handle => open.Handle;

        public void Dispose()
        {
            lock (owner._gate)
            {
                open.Users--;
            }
        }
    }
}
