using Microsoft.Win32.SafeHandles;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Selection;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Wire;
using Pier.Content;

namespace Pier.BitTorrent.Storage;

/// <summary>
/// A torrent as plain files: a file for a single-file torrent, a folder for others. What is there already is used, after
/// hashing what is in doubt; what is not complete bears another name until it is. Files are sparse, and made when their first
/// bytes come; files that are not wanted are not made, nor those that a lender has.
/// </summary>
public sealed class FileTreeStorage : ITorrentStorage
{
    private readonly Metainfo _metainfo;
    private readonly TreeFiles _files;
    private readonly SideFile _side;
    private readonly PieceGrid _grid;
    private SideParts _parts;
    private ResumeKeeper? _keeper;
    private LentFiles? _lent;
    private volatile IReadOnlyList<FilePriority>? _wanted;

    private FileTreeStorage(Metainfo metainfo, TreeFiles files, bool isSealed)
    {
        _metainfo = metainfo;
        _files = files;
        _side = files.Side;
        _grid = PieceGrid.Of(metainfo.Layout, WireLimits.BlockSize);
        _parts = new SideParts(metainfo, files, _side, [.. metainfo.Files.Select(_ => true)]);
        IsSealed = isSealed;
    }

    /// <inheritdoc/>
    public bool IsSealed { get; }

    /// <inheritdoc/>
    public IReadOnlyList<ByteRange> Held { get; private set; } = [];

    /// <summary>Pieces that had to be hashed to know what was there.</summary>
    public int HashedPieces { get; private set; }

    /// <summary>Opens a torrent's files, hashing what is there and in doubt unless it is sealed.</summary>
    /// <param name="metainfo">The torrent.</param>
    /// <param name="destination">The file of a single-file torrent, the folder that holds the files of any other.</param>
    /// <param name="options">How to treat what is there.</param>
    /// <param name="cancellationToken">Stops between pieces.</param>
    /// <exception cref="IOException">Something there is a symbolic link, or cannot be opened.</exception>
    /// <exception cref="MetainfoException">Files of the torrent would get in each other's way on this disk; names them.</exception>
    public static async ValueTask<ITorrentStorage> OpenAsync(
        Metainfo metainfo, string destination, FileTreeOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(metainfo);
        ArgumentNullException.ThrowIfNull(options);
        var storage = new FileTreeStorage(metainfo, new TreeFiles(metainfo, destination, options), options.IsSealed);
        if (!options.IsSealed)
        {
            // Hashing takes a while and blocks; the caller's thread may have other things to do.
            try
            {
                await Task.Run(() => storage.CheckAsync(options, cancellationToken), cancellationToken);
            }
            catch
            {
                await storage.DisposeAsync();
                throw;
            }
        }

        return storage;
    }

    /// <inheritdoc/>
    public ValueTask SelectAsync(IReadOnlyList<FilePriority> files, CancellationToken cancellationToken)
    {
        if (!IsSealed)
        {
            _parts.Select(_wanted = files);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (_lent is { } lent)
        {
            return ReadAsync(lent, offset, destination, cancellationToken);
        }

        foreach (var slice in _metainfo.Layout.Slices(offset, destination.Length))
        {
            Read(slice, destination.Span[..(int)slice.Length]);
            destination = destination[(int)slice.Length..];
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> verified, CancellationToken cancellationToken)
    {
        SelectAllUnlessChosen();
        var rest = verified.Span;
        foreach (var slice in _metainfo.Layout.Slices(offset, rest.Length))
        {
            var bytes = rest[..(int)slice.Length];
            if (!_metainfo.Files[slice.FileIndex].IsPadding && _lent?.Of(slice.FileIndex) is null && !_parts.TryWrite(slice, bytes))
            {
                _files.Write(slice.FileIndex, slice.FileOffset, bytes);
            }

            rest = rest[(int)slice.Length..];
        }

        if (_keeper is { } keeper)
        {
            foreach (var piece in _grid.PiecesWithin(new ByteRange(offset, verified.Length)))
            {
                if (_lent?.Pieces[piece] != true)
                {
                    keeper.Stored(piece, FilesOf(piece));
                }
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public SafeFileHandle? OpenWhole(int file)
    {
        var handle = _parts.IsAside(file) || _lent?.Of(file) is not null ? null : _files.Reopen(file);
        if (handle is null || RandomAccess.GetLength(handle) == _metainfo.Files[file].Length)
        {
            return handle;
        }

        handle.Dispose();
        return null;
    }

    /// <inheritdoc/>
    public ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        SelectAllUnlessChosen();
        _files.Finish(_wanted);
        _parts.Finish();
        _keeper?.Save();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_keeper is { } keeper)
        {
            await keeper.DisposeAsync();
        }

        _files.Dispose();
        _side.Dispose();
        if (_lent is { } lent)
        {
            await lent.DisposeAsync();
        }
    }

    private async ValueTask ReadAsync(LentFiles lent, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        foreach (var slice in _metainfo.Layout.Slices(offset, destination.Length))
        {
            var part = destination[..(int)slice.Length];
            if (lent.Of(slice.FileIndex) is { } file)
            {
                await file.ReadAsync(slice.FileOffset, part, cancellationToken);
            }
            else
            {
                Read(slice, part.Span);
            }

            destination = destination[part.Length..];
        }
    }

    private void SelectAllUnlessChosen()
    {
        if (_wanted is null)
        {
            _parts.Select(_wanted = FileChoice.All.Resolve(_metainfo));
        }
    }

    private IEnumerable<int> FilesOf(int piece) => _metainfo.Layout.Slices(_grid.OffsetOf(piece), _grid.SizeOf(piece))
        .Where(slice => !_metainfo.Files[slice.FileIndex].IsPadding)
        .Select(slice => _parts.IsAside(slice.FileIndex) ? TreeFiles.SideIndex : slice.FileIndex);

    private void Read(TorrentSlice slice, Span<byte> destination)
    {
        if (_metainfo.Files[slice.FileIndex].IsPadding)
        {
            destination.Clear();
        }
        else if (!_parts.TryRead(slice, destination))
        {
            _files.Read(slice.FileIndex, slice.FileOffset, destination);
        }
    }

    private async Task CheckAsync(FileTreeOptions options, CancellationToken cancellationToken)
    {
        var record = options.ResumeFile is { } path ? new ResumeFile(path, _metainfo) : null;
        var check = new TreeCheck(_metainfo, _files, _side, record?.Read());
        check.Look(cancellationToken);
        var present = check.IsPresent;
        _lent = options.Lender is { } lender ? await LentFiles.BorrowAsync(_metainfo, present, lender, cancellationToken) : null;
        _parts = new SideParts(_metainfo, _files, _side, [.. present.Select((isPresent, file) => isPresent || _lent?.Of(file) is not null)]);
        check.Run(_parts, TryRead, cancellationToken);
        HashedPieces = check.Hashed;
        Held = [.. Enumerable.Range(0, _grid.PieceCount)
            .Where(piece => check.Held[piece] || _lent?.Pieces[piece] == true)
            .Select(piece => new ByteRange(_grid.OffsetOf(piece), _grid.SizeOf(piece)))];
        if (record is not null)
        {
            _keeper = new ResumeKeeper(_metainfo, _files, record, check.Held, options);
        }
    }

    private bool TryRead(long offset, Span<byte> destination)
    {
        try
        {
            foreach (var slice in _metainfo.Layout.Slices(offset, destination.Length))
            {
                Read(slice, destination[..(int)slice.Length]);
                destination = destination[(int)slice.Length..];
            }

            return true;
        }
        catch (EndOfStreamException)
        {
            // A file that is shorter than the torrent says lacks this piece; that is all.
            return false;
        }
    }
}
