using Microsoft.Win32.SafeHandles;
using Pier.Content.Contracts;

namespace Pier.Volumes.Whole;

/// <summary>A torrent that is open and not forgotten while this lasts.</summary>
/// <param name="content">What is in it.</param>
/// <param name="release">Told once, at the end.</param>
internal sealed class TorrentLease(IArrivingTree content, Action release) : IDisposable
{
    private int _isOver;

    /// <summary>What is in it.</summary>
    public IArrivingTree Content => content;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isOver, 1) == 0)
        {
            release();
        }
    }

    /// <summary>Opens a file of it, which takes the lease over, also when it cannot be opened.</summary>
    /// <exception cref="ContentException">There is none, or it cannot be opened.</exception>
    public async ValueTask<ITreeFile> OpenAsync(ulong file, CancellationToken cancellationToken)
    {
        try
        {
            var open = await content.Tree.OpenAsync(file, cancellationToken);
            return open is IFileBacked backed ? new BackedFile(open, backed, this) : new LeasedFile(open, this);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private class LeasedFile(ITreeFile file, TorrentLease lease) : ITreeFile
    {
        public long Length => file.Length;

        public ValueTask<int> ReadAtAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken) => file.ReadAtAsync(offset, buffer, cancellationToken);

        public async ValueTask DisposeAsync()
        {
            await file.DisposeAsync();
            lease.Dispose();
        }
    }

    private sealed class BackedFile(ITreeFile file, IFileBacked backed, TorrentLease lease) : LeasedFile(file, lease), IFileBacked
    {
        public SafeFileHandle Handle => backed.Handle;
    }
}
