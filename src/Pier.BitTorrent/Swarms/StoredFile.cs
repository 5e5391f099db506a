using Microsoft.Win32.SafeHandles;
using Pier.Content.Contracts;

namespace Pier.BitTorrent.Swarms;

/// <summary>A file of a torrent that is here whole: nothing need be waited for, and fast paths may read the file itself.</summary>
public sealed class StoredFile : ITreeFile, IFileBacked
{
    internal StoredFile(SafeFileHandle handle, long length)
    {
        Handle = handle;
        Length = length;
    }

    /// <inheritdoc/>
    public SafeFileHandle Handle { get; }

    /// <inheritdoc/>
    public long Length { get; }

    /// <inheritdoc/>
    public ValueTask<int> ReadAtAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
        RandomAccess.ReadAsync(Handle, buffer, offset, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Handle.Dispose();
        return ValueTask.CompletedTask;
    }
}
