using Pier.BitTorrent.Storage;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Fetch.Delivery;

namespace Pier.Fetch.Sources.Swarms;

/// <summary>An arriving blob as a torrent's disk: proved pieces go into the sink, and what the sink has is served to other peers.</summary>
internal sealed class SinkTorrentStorage(IContentSink sink, SourceTrust trust) : ITorrentStorage
{
    private readonly IPartialSink? _partial = sink as IPartialSink;

    /// <inheritdoc/>
    public bool IsSealed => false;

    /// <inheritdoc/>
    public IReadOnlyList<ByteRange> Held { get; } = (sink as IPartialSink)?.PresentRanges() ?? [];

    /// <inheritdoc/>
    public ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        for (var done = 0; done < destination.Length;)
        {
            var read = _partial?.ReadPresent(offset + done, destination.Span[done..]) ?? 0;
            if (read == 0)
            {
                throw new ContentStorageException($"Byte {offset + done} was asked for by a peer and is not here any more.");
            }
            done += read;
        }
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> verified, CancellationToken cancellationToken) =>
        sink.WriteAsync(offset, verified, trust, SourceKind.Swarm, cancellationToken);

    /// <inheritdoc/>
    public ValueTask CompleteAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
