using Microsoft.Win32.SafeHandles;
using Pier.Content;
using Pier.Store.Blobs;

namespace Pier.Store.Partial;

/// <summary>
/// Hashes the present prefix of an arriving blob behind its writers, from the page cache, or with them, from memory that is
/// still in the processor's cache, so that sealing finds the work done.
/// </summary>
internal sealed class FrontierHasher(SafeFileHandle file, Digest digest) : IDisposable
{
    private const int ChunkSize = 256 << 10;

    // A writer that is so far ahead of hashing at most catches up with it; else that would keep him too long.
    private const long CatchUp = 4 << 20;

    private readonly Lock _gate = new();
    private readonly byte[] _chunk = GC.AllocateUninitializedArray<byte>(ChunkSize);
    private BlobHasher _hasher = new(digest.Algorithm);
    private long _hashed;
    private int _version;
    private int _hashing;
    private bool _isDisposed;

    /// <summary>Bytes hashed so far.</summary>
    public long Hashed => Interlocked.Read(ref _hashed);

    /// <summary>Which bytes: another after each <see cref="Invalidate"/>.</summary>
    public int Version => Volatile.Read(ref _version);

    /// <summary>Says that bytes which may have been hashed were replaced: hashing starts over.</summary>
    public void Invalidate() => Interlocked.Increment(ref _version);

    /// <summary>Hashes bytes that have just been written, and the few before them; false when they are to be read back.</summary>
    /// <param name="offset">Where they lie; all bytes before are on disk.</param>
    /// <param name="bytes">All that lies there.</param>
    /// <param name="version">The version when they were written.</param>
    public bool TryAppend(long offset, ReadOnlySpan<byte> bytes, int version)
    {
        if (offset - Hashed > Math.Max(CatchUp, bytes.Length))
        {
            return false;
        }

        // Who comes right behind another that hashes waits for him: that is shorter than to read the bytes back.
        lock (_gate)
        {
            if (_isDisposed || _hashing != version || Version != version || _hashed > offset)
            {
                return false;
            }

            try
            {
                while (_hashed < offset)
                {
                    ReadUpTo(offset);
                }
            }
            catch (IOException)
            {
                // Whoever reads back meets the same, and tells of it.
                return false;
            }

            _hasher.Append(bytes);
            Interlocked.Add(ref _hashed, bytes.Length);
            return true;
        }
    }

    /// <summary>Hashes on up to the frontier, before which every byte is on disk, or until stopped.</summary>
    /// <param name="frontier">Asked anew for each chunk: what was hashed up to an older frontier may have been dropped since.</param>
    /// <param name="cancellationToken">Stops between chunks.</param>
    public void Advance(Func<long> frontier, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            while (true)
            {
                if (Version is var version && _hashing != version)
                {
                    _hashing = version;
                    _hasher.Dispose();
                    _hasher = new BlobHasher(digest.Algorithm);
                    Interlocked.Exchange(ref _hashed, 0);
                }

                var end = frontier();
                if (_hashed >= end || cancellationToken.IsCancellationRequested)
                {
                    return;
                }

                ReadUpTo(end);
            }
        }
    }

    /// <summary>The names of the whole blob, whose bytes are all on disk, and of which version; afterwards hashing starts over.</summary>
    public (BlobNames Names, int Version) Finish(long length)
    {
        lock (_gate)
        {
            Advance(() => length, CancellationToken.None);
            Interlocked.Exchange(ref _hashed, 0);
            return (_hasher.Finish(), _hashing);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _hasher.Dispose();
        }
    }

    /// <summary>Reads and hashes the next chunk, to the end at most.</summary>
    private void ReadUpTo(long end)
    {
        var wanted = (int)Math.Min(ChunkSize, end - _hashed);
        var count = RandomAccess.Read(file, _chunk.AsSpan(0, wanted), _hashed);
        if (count == 0)
        {
            throw new IOException($"The file ends at {_hashed} and should have {end} bytes.");
        }

        _hasher.Append(_chunk.AsSpan(0, count));
        Interlocked.Add(ref _hashed, count);
    }
}
