using Pier.BitTorrent.Storage;
using Pier.Content;

namespace Pier.UnitTests.BitTorrent.Storage;

/// <summary>A torrent's bytes in memory: the storage's twin for tests.</summary>
internal sealed class MemoryStorage(byte[] bytes) : ITorrentStorage
{
    private int _completed;
    private int _reads;

    public byte[] Bytes => bytes;

    public bool IsSealed { get; init; }

    public IReadOnlyList<ByteRange> Held { get; init; } = [];

    public bool IsDisposed { get; private set; }

    public int Completions => _completed;

    /// <summary>How often it was read; whoever hashes reads before.</summary>
    public int Reads => Volatile.Read(ref _reads);

    /// <summary>From where on nothing is read before a task has ended.</summary>
    public (long From, Task Until) Withheld { get; init; } = (0, Task.CompletedTask);

    /// <summary>Thrown by the next write.</summary>
    public IOException? WriteFailure { get; set; }

    public static MemoryStorage Empty(long length) => new(new byte[length]);

    public static MemoryStorage Full(byte[] bytes) => new(bytes) { IsSealed = true };

    public async ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _reads);
        if (offset + destination.Length > Withheld.From)
        {
            await Withheld.Until.WaitAsync(cancellationToken);
        }

        bytes.AsMemory((int)offset, destination.Length).CopyTo(destination);
    }

    public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> verified, CancellationToken cancellationToken)
    {
        if (WriteFailure is { } failure)
        {
            return ValueTask.FromException(failure);
        }

        verified.CopyTo(bytes.AsMemory((int)offset));
        return ValueTask.CompletedTask;
    }

    public ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _completed);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return ValueTask.CompletedTask;
    }
}
