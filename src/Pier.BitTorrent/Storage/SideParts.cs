using System.Buffers;
using Pier.BitTorrent.Selection;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Storage;

/// <summary>
/// Decides where bytes of a file go while nobody wants the file: those of pieces that it shares with others lie in a
/// <see cref="SideFile"/>, and the file itself is not made. Once it is wanted, or a piece comes that is its own, its bytes are
/// brought over and it is a file like any other. Thread-safe.
/// </summary>
internal sealed class SideParts
{
    private const int CopySize = 1 << 16;

    private readonly Lock _gate = new();
    private readonly Metainfo _metainfo;
    private readonly TreeFiles _files;
    private readonly SideFile _side;
    private readonly bool[] _isAside;

    /// <param name="metainfo">The torrent.</param>
    /// <param name="files">Its files.</param>
    /// <param name="side">Where the bytes of others go.</param>
    /// <param name="isPresent">Which files are on disk.</param>
    public SideParts(Metainfo metainfo, TreeFiles files, SideFile side, IReadOnlyList<bool> isPresent)
    {
        _metainfo = metainfo;
        _files = files;
        _side = side;
        _isAside = [.. isPresent.Select(present => !present)];
    }

    /// <summary>Whether a file is not made, so that what is here of it lies in the side file.</summary>
    public bool IsAside(int file) => Volatile.Read(ref _isAside[file]);

    /// <summary>Other files are wanted.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public void Select(IReadOnlyList<FilePriority> files)
    {
        lock (_gate)
        {
            var hasSide = _side.Exists;
            for (var file = 0; file < files.Count; file++)
            {
                if (files[file] != FilePriority.Skip && _isAside[file] && !_metainfo.Files[file].IsPadding)
                {
                    Bring(file, hasSide);
                }
            }
        }
    }

    /// <summary>Writes bytes of a file; false when they belong into the file itself.</summary>
    public bool TryWrite(TorrentSlice slice, ReadOnlySpan<byte> bytes)
    {
        if (!IsAside(slice.FileIndex))
        {
            return false;
        }

        lock (_gate)
        {
            var offset = _metainfo.Files[slice.FileIndex].Offset + slice.FileOffset;
            if (_isAside[slice.FileIndex] && IsShared(offset, slice.FileIndex))
            {
                _side.Write(offset, bytes);
                return true;
            }

            Bring(slice.FileIndex, _side.Exists);
            return false;
        }
    }

    /// <summary>Reads bytes of a file; false when they are not aside.</summary>
    public bool TryRead(TorrentSlice slice, Span<byte> destination) =>
        IsAside(slice.FileIndex) && _side.TryRead(_metainfo.Files[slice.FileIndex].Offset + slice.FileOffset, destination);

    /// <summary>Whether bytes that would lie aside may have been written.</summary>
    public bool MayHave(TorrentSlice slice)
    {
        var offset = _metainfo.Files[slice.FileIndex].Offset + slice.FileOffset;
        return IsShared(offset, slice.FileIndex) && _side.IsWritten(offset, slice.Length);
    }

    /// <summary>Removes the side file when nothing needs it any more.</summary>
    public void Finish()
    {
        lock (_gate)
        {
            for (var file = 0; file < _isAside.Length; file++)
            {
                if (_isAside[file] && _metainfo.Files[file] is { IsPadding: false, Length: > 0 })
                {
                    return;
                }
            }

            _side.Delete();
        }
    }

    private bool IsShared(long offset, int file)
    {
        var piece = (int)(offset / _metainfo.PieceLength);
        return _metainfo.Layout.Slices(_metainfo.Layout.PieceOffset(piece), _metainfo.Layout.PieceSize(piece))
            .Any(slice => slice.FileIndex != file && !_metainfo.Files[slice.FileIndex].IsPadding);
    }

    private void Bring(int file, bool hasSide)
    {
        var (length, offset) = (_metainfo.Files[file].Length, _metainfo.Files[file].Offset);
        if (hasSide && length > 0)
        {
            // Only the first and the last piece of a file can be another's as well.
            var headEnd = Math.Min(length, _metainfo.PieceLength - offset % _metainfo.PieceLength);
            var tailStart = Math.Max(headEnd, length - (offset + length) % _metainfo.PieceLength);
            Copy(file, 0, headEnd);
            Copy(file, tailStart, length);
        }

        Volatile.Write(ref _isAside[file], false);
    }

    private void Copy(int file, long from, long to)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(CopySize);
        try
        {
            for (; from < to; from += CopySize)
            {
                var part = buffer.AsSpan(0, (int)Math.Min(CopySize, to - from));
                // What was never written reads as zeros, and stays a hole.
                if (_side.TryRead(_metainfo.Files[file].Offset + from, part) && part.ContainsAnyExcept((byte)0))
                {
                    _files.Write(file, from, part);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
