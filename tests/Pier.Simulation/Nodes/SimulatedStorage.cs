using Pier.BitTorrent.Storage;
using Pier.Content;

namespace Pier.Simulation.Nodes;

/// <summary>A storage without bytes: everything is there from the start, or nothing.</summary>
internal sealed class SimulatedStorage(bool isSealed) : ITorrentStorage
{
    /// <inheritdoc/>
    public bool IsSealed => isSealed;

    /// <inheritdoc/>
    public IReadOnlyList<ByteRange> Held => [];

    /// <inheritdoc/>
    public ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> verified, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public ValueTask CompleteAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
