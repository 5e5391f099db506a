using Microsoft.Win32.SafeHandles;
using Pier.BitTorrent.Selection;
using Pier.BitTorrent.Storage;
using Pier.Content;

namespace Pier.Benchmarks.Swarm;

/// <summary>A storage that counts the bytes that pass it: a swarm's own figures come once a second, too seldom for a transfer of two.</summary>
internal sealed class CountedStorage(ITorrentStorage inner) : ITorrentStorage
{
    private long _bytes;

    /// <summary>Bytes read and written so far.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    public bool IsSealed => inner.IsSealed;

    public IReadOnlyList<ByteRange> Held => inner.Held;

    public ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        Interlocked.Add(ref _bytes, destination.Length);
        return inner.ReadAsync(offset, destination, cancellationToken);
    }

    public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> verified, CancellationToken cancellationToken)
    {
        Interlocked.Add(ref _bytes, verified.Length);
        return inner.WriteAsync(offset, verified, cancellationToken);
    }

    public ValueTask SelectAsync(IReadOnlyList<FilePriority> files, CancellationToken cancellationToken) => inner.SelectAsync(files, cancellationToken);

    public SafeFileHandle? OpenWhole(int file) => inner.OpenWhole(file);

    public ValueTask CompleteAsync(CancellationToken cancellationToken) => inner.CompleteAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
