using System.Buffers;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Selection;

namespace Pier.BitTorrent.Swarms;

/// <summary>Copies files of a torrent that are here from one storage into another.</summary>
internal sealed class ContentCopy(TorrentContent content, FileChoice choice)
{
    private readonly PieceHasherPool _hashers = new(content.Metainfo);

    /// <summary>Copies every piece of the files, and completes the destination.</summary>
    /// <exception cref="SwarmException">They are not here whole, or a piece is not what it was.</exception>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    public async Task RunAsync(StorageFactory open, Action<long> done, CancellationToken cancellationToken)
    {
        var layout = content.Metainfo.Layout;
        var files = choice.Resolve(content.Metainfo);
        var priorities = PiecePriorities.Of(layout, files);
        if (Enumerable.Range(0, layout.PieceCount).Any(piece => priorities[piece] != FilePriority.Skip && !content.Have[piece]))
        {
            throw new SwarmException($"of torrent {content.Metainfo.Id} only some files are here");
        }

        await using var destination = await open(content.Metainfo, cancellationToken);
        await destination.SelectAsync(files, cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent(layout.PieceLength);
        try
        {
            for (var piece = 0; piece < layout.PieceCount; piece++)
            {
                if (priorities[piece] == FilePriority.Skip)
                {
                    continue;
                }

                var offset = layout.PieceOffset(piece);
                var bytes = buffer.AsMemory(0, layout.PieceSize(piece));
                await content.Storage.ReadAsync(offset, bytes, cancellationToken);
                if (!_hashers.Check(piece, bytes.Span))
                {
                    throw new SwarmException($"the files of torrent {content.Metainfo.Id} have changed: piece {piece} is not what it was");
                }

                await destination.WriteAsync(offset, bytes, cancellationToken);
                done(offset + bytes.Length);
            }

            await destination.CompleteAsync(cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
