using System.Buffers;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Torrents;
using Pier.Content;

namespace Pier.BitTorrent.Storage;

/// <summary>
/// A torrent as plain files: a file for a single-file torrent, a folder for others. What is there already is checked by
/// hashing and used; what is not complete bears another name until it is.
/// </summary>
public sealed class FileTreeStorage : ITorrentStorage
{
    private readonly Metainfo _metainfo;
    private readonly TreeFiles _files;

    private FileTreeStorage(Metainfo metainfo, TreeFiles files, bool isSealed)
    {
        _metainfo = metainfo;
        _files = files;
        IsSealed = isSealed;
    }

    /// <inheritdoc/>
    public bool IsSealed { get; }

    /// <inheritdoc/>
    public IReadOnlyList<ByteRange> Held { get; private set; } = [];

    /// <summary>Opens a torrent's files, hashing what is there unless it is sealed.</summary>
    /// <param name="metainfo">The torrent.</param>
    /// <param name="destination">The file of a single-file torrent, the folder that holds the files of any other.</param>
    /// <param name="options">How to treat what is there.</param>
    /// <param name="cancellationToken">Stops between pieces.</param>
    /// <exception cref="IOException">Something there is a symbolic link, or cannot be opened.</exception>
    public static async ValueTask<ITorrentStorage> OpenAsync(
        Metainfo metainfo, string destination, FileTreeOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(metainfo);
        ArgumentNullException.ThrowIfNull(options);
        var storage = new FileTreeStorage(metainfo, new TreeFiles(metainfo, destination, options), options.IsSealed);
        if (!options.IsSealed)
        {
            // Hashing takes a while and blocks; the caller's thread may have other things to do.
            await Task.Run(() => storage.Check(cancellationToken), cancellationToken);
        }

        return storage;
    }

    /// <inheritdoc/>
    public ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        Read(offset, destination.Span);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> verified, CancellationToken cancellationToken)
    {
        var rest = verified.Span;
        foreach (var slice in _metainfo.Layout.Slices(offset, rest.Length))
        {
            if (!_metainfo.Files[slice.FileIndex].IsPadding)
            {
                _files.Write(slice.FileIndex, slice.FileOffset, rest[..(int)slice.Length]);
            }

            rest = rest[(int)slice.Length..];
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        _files.Finish();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _files.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Read(long offset, Span<byte> destination)
    {
        foreach (var slice in _metainfo.Layout.Slices(offset, destination.Length))
        {
            var part = destination[..(int)slice.Length];
            if (_metainfo.Files[slice.FileIndex].IsPadding)
            {
                part.Clear();
            }
            else
            {
                _files.Read(slice.FileIndex, slice.FileOffset, part);
            }

            destination = destination[part.Length..];
        }
    }

    private void Check(CancellationToken cancellationToken)
    {
        var layout = _metainfo.Layout;
        var present = Enumerable.Range(0, layout.Files.Count)
            .Select(file => layout.Files[file] is { IsPadding: false, Length: > 0 } && _files.Exists(file))
            .ToArray();
        if (!present.Contains(true))
        {
            return;
        }

        var hashers = new PieceHasherPool(_metainfo);
        var held = new List<ByteRange>();
        var buffer = ArrayPool<byte>.Shared.Rent(layout.PieceLength);
        try
        {
            for (var piece = 0; piece < layout.PieceCount; piece++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var range = new ByteRange(layout.PieceOffset(piece), layout.PieceSize(piece));
                var bytes = buffer.AsSpan(0, (int)range.Length);
                if (IsPresent(range, present) && TryRead(range.Offset, bytes) && hashers.Check(piece, bytes))
                {
                    held.Add(range);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        Held = held;
    }

    private bool IsPresent(ByteRange range, bool[] present) =>
        _metainfo.Layout.Slices(range.Offset, range.Length)
            .All(slice => _metainfo.Files[slice.FileIndex].IsPadding || present[slice.FileIndex]);

    private bool TryRead(long offset, Span<byte> destination)
    {
        try
        {
            Read(offset, destination);
            return true;
        }
        catch (EndOfStreamException)
        {
            // A file that is shorter than the torrent says lacks this piece; that is all.
            return false;
        }
    }
}
