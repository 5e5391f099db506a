using Pier.BitTorrent.Storage;
using Pier.Content;

namespace Pier.UnitTests.BitTorrent.Swarms;

/// <summary>A seed's storage in which some blocks are not what the torrent says.</summary>
/// <param name="bytes">The right bytes.</param>
/// <param name="isBad">Whether a block, by its number in the torrent, is to be read wrong.</param>
internal sealed class RottenStorage(byte[] bytes, Func<int, bool> isBad) : ITorrentStorage
{
    private const int Block = 16 * 1024;

    public bool IsSealed => true;

    public IReadOnlyList<ByteRange> Held => [];

    public ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        bytes.AsMemory((int)offset, destination.Length).CopyTo(destination);
        if (isBad((int)(offset / Block)))
        {
            destination.Span[0]++;
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> verified, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask CompleteAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
