using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Wire;
using Pier.Content;
using Pier.Content.Contracts;

namespace Pier.BitTorrent.Swarms;

/// <summary>
/// Reads a range of a torrent while it arrives: each read waits for its pieces, which the swarm fetches before everything else,
/// whether their files are selected or not. A reader who jumps and wants little gets the blocks of it alone, where they can be
/// proved by themselves.
/// </summary>
public sealed class SwarmReader : ITreeFile
{
    // Far enough that a reader in order seldom waits, and little enough that one who jumps wastes not much.
    private const long ReadAhead = 4 << 20;

    // As far as what a kernel reads ahead in several requests may come out of order.
    private const long Near = 2 << 20;
    private const int Small = 4 * WireLimits.BlockSize;

    private readonly SwarmPort _port;
    private readonly ByteRange _range;
    private readonly string _name;
    private readonly ReaderWindow _window;
    private long _last = long.MinValue / 2;

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
        var wanted = (int)Math.Min(buffer.Length, Length - offset);
        var jumps = Jumps(position, wanted);
        var (content, length) = await WaitAsync(position, buffer[..wanted], jumps, cancellationToken);
        if (content is null)
        {
            return length;
        }

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

    /// <summary>Waits for the piece that holds a byte, or for the blocks of a reader who jumps, which are copied.</summary>
    /// <returns>Where to read how many bytes, those that are here without a gap; no place when they were copied.</returns>
    private async ValueTask<(TorrentContent? Content, int Length)> WaitAsync(long position, Memory<byte> buffer, bool jumps, CancellationToken cancellationToken)
    {
        while (true)
        {
            var next = _port.Arrivals.Next;
            if (_port.Content is { } content)
            {
                var grid = content.Grid;
                var piece = (int)(position / grid.PieceLength);
                if (content.Have[piece])
                {
                    if (!jumps)
                    {
                        Look(grid, piece, position + buffer.Length, jumps);
                    }

                    var last = piece;
                    while (grid.OffsetOf(last) + grid.SizeOf(last) < position + buffer.Length && last + 1 < grid.PieceCount && content.Have[last + 1])
                    {
                        last++;
                    }

                    return (content, (int)Math.Min(grid.OffsetOf(last) + grid.SizeOf(last) - position, buffer.Length));
                }

                var copied = _port.Proved.TryCopy(grid, position, buffer.Span);
                var rest = new ByteRange(position + copied, buffer.Length - copied);
                if (rest.Length > 0 && jumps && Want(content, rest))
                {
                    // Peers are told that we want something of the piece, or they would not let us ask.
                    _window.MoveTo(rest with { Length = 1 }, isSpot: true);
                }
                else if (copied > 0)
                {
                    return (null, copied);
                }
                else
                {
                    Look(grid, piece, position + buffer.Length, jumps);
                }
            }

            if (_port.Arrivals.IsOver)
            {
                throw new ContentUnavailableException($"{_name}: the torrent was removed or failed before byte {position - _range.Offset} came.");
            }

            await next.WaitAsync(cancellationToken);
        }
    }

    private bool Want(TorrentContent content, ByteRange range)
    {
        var blocks = BlockSpan.Of(content.Grid, range);
        return !content.Have[blocks.Piece] && _port.Proved.Want(blocks, content.Grid.BlocksIn(blocks.Piece));
    }

    // A small read far from the last one: of such a reader it is not known what it wants next.
    private bool Jumps(long position, int length)
    {
        var last = Interlocked.Exchange(ref _last, position + length);
        return length <= Small && Math.Abs(position - last) > Near;
    }

    // In whole pieces, so that small reads in order move the window seldom.
    private void Look(PieceGrid grid, int piece, long end, bool jumps)
    {
        var start = grid.OffsetOf(piece);
        var ahead = jumps ? end : Math.Max(end, start + ReadAhead);
        var (_, until) = grid.PiecesOf(new ByteRange(start, Math.Min(ahead, _range.End) - start));
        _window.MoveTo(new ByteRange(start, grid.OffsetOf(until) - start));
    }
}
