using Microsoft.Win32.SafeHandles;
using Pier.Content;
using Pier.Store.Blobs;

namespace Pier.Store.Partial;

/// <summary>
/// Hashes the present prefix of an arriving blob behind its writers, while the bytes are still in the page cache, so
/// that sealing finds the work done.
/// </summary>
internal sealed class FrontierHasher(SafeFileHandle file, Digest digest) : IDisposable
{
    private const int ChunkSize = 256 << 10;

    private readonly Lock _gate = new();
    private readonly byte[] _chunk = GC.AllocateUninitializedArray<byte>(ChunkSize);
    private BlobHasher _hasher = new(digest.Algorithm);
    private long _hashed;
    private volatile bool _stale;

    /// <summary>Bytes hashed so far.</summary>
    public long Hashed => Interlocked.Read(ref _hashed);

    /// <summary>Says that bytes which may have been hashed were replaced: hashing starts over.</summary>
    public void Invalidate() => _stale = true;

    /// <summary>Hashes on up to the frontier, before which every byte is on disk, or until stopped.</summary>
    /// <param name="frontier">Asked anew for each chunk: what was hashed up to an older frontier may have been dropped since.</param>
    /// <param name="cancellationToken">Stops between chunks.</param>
    public void Advance(Func<long> frontier, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            while (true)
            {
                if (_stale)
                {
                    _stale = false;
                    _hasher.Dispose();
                    _hasher = new BlobHasher(digest.Algorithm);
                    Interlocked.Exchange(ref _hashed, 0);
                }

                var end = frontier();
                if (_hashed >= end || cancellationToken.IsCancellationRequested)
                {
                    return;
                }

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
    }

    /// <summary>The names of the whole blob, whose bytes are all on disk; afterwards hashing starts over.</summary>
    public BlobNames Finish(long length)
    {
        lock (_gate)
        {
            Advance(() => length, CancellationToken.None);
            Interlocked.Exchange(ref _hashed, 0);
            return _hasher.Finish();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _hasher.Dispose();
        }
    }
}
