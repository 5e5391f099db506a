using Pier.BitTorrent.Hashing;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Creation;

/// <summary>
/// Makes the torrent of an outline while its content passes by: all files in their order, each in one go; padding is filled in.
/// Not for use by two threads at once.
/// </summary>
public sealed class OutlineHasher : IDisposable
{
    private static readonly byte[] Zeros = new byte[16 << 10];

    private readonly TorrentOutline _outline;
    private readonly PieceListHasher? _pieces;
    private readonly FileTreeHasher? _tree;
    private readonly Dictionary<MerkleRoot, ReadOnlyMemory<byte>> _layers = [];
    private int _file = -1;
    private long _left;

    internal OutlineHasher(TorrentOutline outline)
    {
        _outline = outline;
        _pieces = outline.Frame.HasV1 ? new PieceListHasher(outline.Frame.PieceLength) : null;
        _tree = outline.Frame.HasV2 ? new FileTreeHasher(outline.Frame.PieceLength) : null;
    }

    /// <summary>Goes on to the next file that is not padding: its index, or null after the last.</summary>
    /// <exception cref="InvalidOperationException">Bytes of the one before are missing.</exception>
    /// <exception cref="MetainfoException">The file before is not what the torrent says (BEP 52 tells that file by file).</exception>
    public int? Next()
    {
        EndFile();
        while (++_file < _outline.Frame.Files.Count)
        {
            var file = _outline.Frame.Files[_file];
            if (!file.IsPadding)
            {
                _left = file.Length;
                return _file;
            }

            for (var left = file.Length; left > 0; left -= Zeros.Length)
            {
                _pieces?.Append(Zeros.AsSpan(0, (int)Math.Min(left, Zeros.Length)));
            }
        }

        return null;
    }

    /// <summary>Adds the next bytes of the file.</summary>
    /// <exception cref="InvalidOperationException">More than it has.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _left)
        {
            throw new InvalidOperationException($"{bytes.Length} bytes where {_left} are left of file {_file}");
        }

        _left -= bytes.Length;
        _pieces?.Append(bytes);
        _tree?.Append(bytes);
    }

    /// <summary>The torrent, once <see cref="Next"/> said that there is nothing more; its info-hashes tell whether it is the one that was meant.</summary>
    /// <exception cref="MetainfoException">The content makes no torrent of it.</exception>
    public Metainfo Complete() => _outline.Complete(_pieces is null ? default : _pieces.Finish().Span, _layers);

    /// <inheritdoc/>
    public void Dispose()
    {
        _pieces?.Dispose();
        _tree?.Dispose();
    }

    private void EndFile()
    {
        if (_left > 0)
        {
            throw new InvalidOperationException($"{_left} bytes of file {_file} are missing");
        }

        if (_tree is null || _file < 0 || _file >= _outline.Frame.Files.Count || _outline.Frame.Files[_file] is not { IsPadding: false } file)
        {
            return;
        }

        var hash = _tree.Finish();
        if (hash.Root != file.PiecesRoot)
        {
            throw new MetainfoException($"file {_file}", "its content is not what the torrent says");
        }

        if (hash is { Root: { } root, Layer.IsEmpty: false })
        {
            _layers[root] = hash.Layer;
        }
    }
}
