using System.Buffers;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Peers;

/// <summary>
/// What is to be sent to one peer: small messages, encoded at once, and blocks, named only. Posting never waits; a peer that
/// does not read until the bounds are reached is dropped by its sender.
/// </summary>
/// <param name="maxUploads">Blocks that the peer may have queued.</param>
internal sealed class PeerOutbox(int maxUploads) : IPeerOutbox
{
    private const int MaxWaitingBytes = 4 << 20;
    private const int MaxWaitingHashes = 64;

    private readonly Lock _gate = new();
    private readonly WakeSignal _wake = new();
    private readonly Queue<BlockRange> _uploads = new();
    private readonly Queue<HashRequest> _hashes = new();
    private ArrayBufferWriter<byte> _waiting = new(1024);
    private ArrayBufferWriter<byte> _sending = new(1024);
    private bool _isOverflown;

    /// <summary>Whether we do not answer the peer's requests for now; so every connection starts.</summary>
    public bool IsChoked { get; private set; } = true;

    /// <summary>Waits until something is posted.</summary>
    public ValueTask WaitAsync(CancellationToken cancellationToken) => _wake.WaitAsync(cancellationToken);

    /// <summary>A message without content.</summary>
    public void Post(MessageId id) => Post(id, static (writer, message) => writer.Empty(message));

    /// <summary>A keep-alive.</summary>
    public void PostKeepAlive() => Post(0, static (writer, _) => writer.KeepAlive());

    /// <summary>Have, suggest piece or allowed fast.</summary>
    public void PostPiece(MessageId id, int piece) =>
        Post((id, piece), static (writer, message) => writer.PieceIndex(message.id, message.piece));

    /// <summary>Requests, cancels or rejects, in one go.</summary>
    public void PostBlocks(MessageId id, params ReadOnlySpan<BlockRange> blocks)
    {
        lock (_gate)
        {
            if (HasRoom())
            {
                var writer = new WireWriter(_waiting);
                foreach (var block in blocks)
                {
                    writer.Block(id, block);
                }
            }
        }

        Wake();
    }

    /// <summary>A message whose payload is at hand.</summary>
    public void PostRaw(MessageId id, ReadOnlyMemory<byte> payload) =>
        Post((id, payload), static (writer, message) => writer.Raw(message.id, message.payload.Span));

    /// <summary>An extended message.</summary>
    public void PostExtended(byte id, ReadOnlyMemory<byte> body) =>
        Post((id, body), static (writer, message) => writer.Extended(message.id, message.body.Span));

    /// <summary>Answers requests from now on.</summary>
    public void PostUnchoke()
    {
        lock (_gate)
        {
            IsChoked = false;
        }

        Post(MessageId.Unchoke);
    }

    /// <summary>Answers no requests from now on; those that wait are dropped.</summary>
    /// <param name="reject">Tell the peer which, as the fast extension wants (BEP 6).</param>
    public void PostChoke(bool reject)
    {
        BlockRange[] dropped;
        lock (_gate)
        {
            IsChoked = true;
            dropped = [.. _uploads];
            _uploads.Clear();
        }

        Post(MessageId.Choke);
        if (reject && dropped.Length > 0)
        {
            PostBlocks(MessageId.RejectRequest, dropped);
        }
    }

    /// <summary>Queues a block that the peer asked for; false when it is choked or has too many queued.</summary>
    public bool TryQueueUpload(BlockRange block)
    {
        lock (_gate)
        {
            if (IsChoked || _uploads.Count >= maxUploads)
            {
                return false;
            }

            _uploads.Enqueue(block);
            return true;
        }
    }

    /// <summary>Queues a request for hashes that have to be computed; false when too many wait.</summary>
    public bool TryQueueHashes(HashRequest request)
    {
        lock (_gate)
        {
            if (_hashes.Count >= MaxWaitingHashes)
            {
                return false;
            }

            _hashes.Enqueue(request);
            return true;
        }
    }

    /// <summary>Takes a queued request for hashes.</summary>
    public bool TryTakeHashes(out HashRequest request)
    {
        lock (_gate)
        {
            return _hashes.TryDequeue(out request);
        }
    }

    /// <summary>Wakes the sender after blocks or requests for hashes were queued.</summary>
    public void Wake() => _wake.Set();

    /// <summary>Drops a queued block; false when it is not queued any more.</summary>
    public bool TryCancelUpload(BlockRange block)
    {
        lock (_gate)
        {
            var kept = _uploads.Where(queued => queued != block).ToArray();
            if (kept.Length == _uploads.Count)
            {
                return false;
            }

            _uploads.Clear();
            foreach (var queued in kept)
            {
                _uploads.Enqueue(queued);
            }

            return true;
        }
    }

    /// <summary>Takes the encoded messages; valid until the next call. Empty when there are none.</summary>
    /// <exception cref="WireException">The peer does not read what it is sent.</exception>
    public ReadOnlyMemory<byte> TakeMessages()
    {
        lock (_gate)
        {
            if (_isOverflown)
            {
                throw new WireException($"the peer left {MaxWaitingBytes} bytes of messages unread");
            }

            _sending.ResetWrittenCount();
            (_waiting, _sending) = (_sending, _waiting);
            return _sending.WrittenMemory;
        }
    }

    /// <summary>Bytes of the blocks that come next: as many as fit, but one at least; 0 when none is queued.</summary>
    public int NextUploads(int most)
    {
        lock (_gate)
        {
            var bytes = 0;
            foreach (var block in _uploads)
            {
                if (bytes > 0 && bytes + block.Length > most)
                {
                    break;
                }

                bytes += block.Length;
            }

            return bytes;
        }
    }

    /// <summary>Takes queued blocks in the order in which they were asked for, as many as fit into the bytes.</summary>
    /// <returns>How many.</returns>
    public int TakeUploads(Span<BlockRange> destination, int most, out int bytes)
    {
        lock (_gate)
        {
            var count = 0;
            bytes = 0;
            while (count < destination.Length && _uploads.TryPeek(out var block) && bytes + block.Length <= most)
            {
                bytes += block.Length;
                destination[count++] = _uploads.Dequeue();
            }

            return count;
        }
    }

    private void Post<TMessage>(TMessage message, Action<WireWriter, TMessage> write)
    {
        lock (_gate)
        {
            if (HasRoom())
            {
                write(new WireWriter(_waiting), message);
            }
        }

        Wake();
    }

    private bool HasRoom() => !(_isOverflown |= _waiting.WrittenCount > MaxWaitingBytes);
}
