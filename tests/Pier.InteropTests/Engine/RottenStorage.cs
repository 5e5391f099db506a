using Pier.BitTorrent.Storage;
using Pier.Content;

namespace Pier.InteropTests.Engine;

/// <summary>A corrupting seed's storage: one byte of the second block of each 64 KiB piece is wrong.</summary>
internal sealed class RottenStorage(byte[] bytes) : ITorrentStorage
{
    private const int Block = 16 * 1024;
    private const int BlocksInPiece = 4;

    public bool IsSealed => true;

    public IReadOnlyList<ByteRange> Held => [];

    public ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        bytes.AsMemory((int)offset, destination.Length).CopyTo(destination);
        if (offset / Block % BlocksInPiece == 1)
        {
            destination.Span[0]++;
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> verified, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask CompleteAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
