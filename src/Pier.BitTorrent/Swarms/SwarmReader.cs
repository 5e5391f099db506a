using Pier.BitTorrent.Pieces;
using Pier.Content;
using Pier.Content.Contracts;

namespace Pier.BitTorrent.Swarms;

/// <summary>
/// Reads a range of a torrent while it arrives: each read waits for its pieces, which the swarm fetches before everything else,
/// whether their files are selected or not.
/// </summary>
public sealed class SwarmReader : ITreeFile
{
    // Far enough that a reader in order seldom waits, and little enough that one who jumps wastes not much.
    private const long ReadAhead = 4 << 20;

    private readonly SwarmPort _port;
    private readonly ByteRange _range;
    private readonly string _name;
    private readonly ReaderWindow _window;

    internal SwarmReader(SwarmPort port, ByteRange range, string name)
    {
        _port = port;
        _range = range;
        _name = name;
        _window = port.Windows.Open(new ByteRange(range.Offset, 0));
    }

    /// <inheritdoc/>
    public long Length => _range.Length;

    /// <inheritdoc/>
    public async ValueTask<int> ReadAtAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (offset >= Length || buffer.IsEmpty)
        {
            return 0;
        }

        var position = _range.Offset + offset;
        var (content, end) = await WaitAsync(position, Math.Min(buffer.Length, Length - offset), cancellationToken);
        var length = (int)Math.Min(end - position, Math.Min(buffer.Length, Length - offset));
        try
        {
            await content.Storage.ReadAsync(position, buffer[..length], cancellationToken);
            return length;
        }
        catch (Exception refused) when (refused is not ContentException and (IOException or ObjectDisposedException))
        {
            throw new ContentStorageException($"{_name}: bytes that were stored cannot be read: {refused.Message}", refused);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _window.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Waits for the piece that holds a byte.</summary>
    /// <returns>The torrent, and the end of the pieces after it that are here without a gap, as far as they were asked for.</returns>
    private async ValueTask<(TorrentContent Content, long End)> WaitAsync(long position, long length, CancellationToken cancellationToken)
    {
        while (true)
        {
            var next = _port.Arrivals.Next;
            if (_port.Content is { } content)
            {
                var grid = content.Grid;
                var piece = (int)(position / grid.PieceLength);
                Look(grid, piece, position + length);
                if (content.Have[piece])
                {
                    var last = piece;
                    while (grid.OffsetOf(last) + grid.SizeOf(last) < position + length && last + 1 < grid.PieceCount && content.Have[last + 1])
                    {
                        last++;
                    }

                    return (content, grid.OffsetOf(last) + grid.SizeOf(last));
                }
            }

            if (_port.Arrivals.IsOver)
            {
                throw new ContentUnavailableException($"{_name}: the torrent was removed or failed before byte {position - _range.Offset} came.");
            }

            await next.WaitAsync(cancellationToken);
        }
    }

    // In whole pieces, so that small reads in order move the window seldom.
    private void Look(PieceGrid grid, int piece, long end)
    {
        var start = grid.OffsetOf(piece);
        var (_, until) = grid.PiecesOf(new ByteRange(start, Math.Min(Math.Max(end, start + ReadAhead), _range.End) - start));
        _window.MoveTo(new ByteRange(start, grid.OffsetOf(until) - start));
    }
}
