using Pier.BitTorrent.Storage;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Store.Partial;

namespace Pier.Benchmarks.Swarm;

/// <summary>A partial blob of the store as a torrent's storage: what delivery does, without its other sources.</summary>
internal sealed class PartialBlobStorage(PartialBlob blob) : ITorrentStorage
{
    public bool IsSealed => false;

    public IReadOnlyList<ByteRange> Held => [];

    public ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        blob.ReadPresent(offset, destination.Span);
        return ValueTask.CompletedTask;
    }

    public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> verified, CancellationToken cancellationToken) =>
        blob.WriteAsync(offset, verified, SourceTrust.AtOnce, SourceKind.Swarm, cancellationToken);

    public async ValueTask CompleteAsync(CancellationToken cancellationToken) => await blob.SealAsync(cancellationToken);

    public ValueTask DisposeAsync() => blob.DisposeAsync();
}
