using System.Buffers;
using System.Runtime.CompilerServices;
using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Transports;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Peers;

/// <summary>
/// The sending half of a connection: messages first, then blocks, many to one write, read from storage straight between their
/// headers in the send buffer.
/// </summary>
internal sealed class PeerSender(PeerLink link, Stream stream, ILinkOwner owner)
{
    private const int BatchBytes = SendThreshold.Most;
    private const int BatchBlocks = BatchBytes / WireLimits.BlockSize;
    private const int BufferSize = BatchBytes + WireLimits.MaxBlockLength + (BatchBlocks + 1) * WireLimits.PieceHeaderLength;

    // Not the shared pool: each batch may run on another thread, and each thread would come to keep a buffer.
    private static readonly ArrayPool<byte> Buffers = ArrayPool<byte>.Create(BufferSize, maxArraysPerBucket: 32);

    private readonly BlockRange[] _batch = new BlockRange[BatchBlocks];
    private readonly SendThreshold _threshold = SendThreshold.Of(stream, owner.Time);
    private int _asked;
    private volatile bool _isGranted;

    /// <summary>Sends until cancelled.</summary>
    /// <exception cref="WireException">The peer does not read.</exception>
    /// <exception cref="IOException">The connection broke, or the storage cannot be read.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var bandwidth = owner.Bandwidth.Up.Open(link.Class, Granted);
        while (true)
        {
            var idle = !await SendMessagesAsync(cancellationToken) & !await AnswerHashesAsync(cancellationToken);
            var blocks = TakeBlocks(bandwidth);
            if (blocks > 0 && owner.Content is { } content)
            {
                await SendBlocksAsync(content, blocks, cancellationToken);
            }
            else if (idle)
            {
                await link.Outbox.WaitAsync(cancellationToken);
            }
        }
    }

    /// <summary>Takes the blocks that may go now; messages go on while blocks wait for their turn.</summary>
    private int TakeBlocks(BandwidthFlow bandwidth)
    {
        if (_asked == 0)
        {
            _asked = link.Outbox.NextUploads(Math.Min(bandwidth.Quantum, _threshold.Bytes));
            if (_asked == 0 || !bandwidth.TryTake(_asked))
            {
                return 0;
            }
        }
        else if (!_isGranted)
        {
            return 0;
        }

        _isGranted = false;
        var blocks = link.Outbox.TakeUploads(_batch, _asked, out var bytes);
        if (bytes < _asked)
        {
            // Some were cancelled while they waited.
            bandwidth.GiveBack(_asked - bytes);
        }

        _asked = 0;
        return blocks;
    }

    private void Granted()
    {
        _isGranted = true;
        link.Outbox.Wake();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> SendMessagesAsync(CancellationToken cancellationToken)
    {
        var messages = link.Outbox.TakeMessages();
        if (messages.IsEmpty)
        {
            return false;
        }

        await stream.WriteAsync(messages, cancellationToken);
        link.LastSent = owner.Time.GetTimestamp();
        return true;
    }

    private async ValueTask<bool> AnswerHashesAsync(CancellationToken cancellationToken)
    {
        if (!link.Outbox.TryTakeHashes(out var request))
        {
            return false;
        }

        var answer = owner.Content is { } content ? await owner.BlockHashes.AnswerAsync(content, request, cancellationToken) : null;
        if (answer is null)
        {
            answer = new byte[HashRequest.Size];
            request.CopyTo(answer);
            link.Outbox.PostRaw(MessageId.HashReject, answer);
        }
        else
        {
            link.Outbox.PostRaw(MessageId.Hashes, answer);
        }

        return true;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendBlocksAsync(TorrentContent content, int blocks, CancellationToken cancellationToken)
    {
        var buffer = Buffers.Rent(BufferSize);
        try
        {
            for (var next = 0; next < blocks;)
            {
                var filled = 0;
                long sent = 0;
                _threshold.Reads();
                for (; next < blocks && filled < BatchBytes; next++)
                {
                    var block = _batch[next];
                    WireWriter.PieceHeader(buffer.AsSpan(filled), block);
                    var data = buffer.AsMemory(filled + WireLimits.PieceHeaderLength, block.Length);
                    var held = Math.Clamp(content.Grid.SizeOf(block.Piece) - block.Offset, 0, block.Length);
                    await content.Storage.ReadAsync(content.Grid.OffsetOf(block.Piece) + block.Offset, data[..held], cancellationToken);
                    data[held..].Span.Clear();
                    filled += WireLimits.PieceHeaderLength + block.Length;
                    sent += block.Length;
                }

                _threshold.Writes();
                await stream.WriteAsync(buffer.AsMemory(0, filled), cancellationToken);
                link.LastSent = owner.Time.GetTimestamp();
                link.Uploaded += sent;
                _threshold.Took(filled);
            }
        }
        finally
        {
            Buffers.Return(buffer);
        }
    }
}
