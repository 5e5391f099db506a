using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Store.Blobs;
using Pier.Store.Disk;

namespace Pier.Store.Partial;

/// <summary>
/// One blob while it arrives (design §3.6): sources write ranges in any order, readers read what may be shown, and what
/// is on disk survives a crash. Saving and hashing go on in the background. Thread-safe.
/// </summary>
public sealed class PartialBlob : IContentSink, IAsyncDisposable
{
    // Behind by less, hashing waits for more: it is the same work in fewer turns.
    private const long HashStep = 4 << 20;

    // Pieces come from threads that hash anyway; who brings less has a connection to read from.
    private const int HashedAtOnce = 256 << 10;

    private readonly Lock _writing = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly FileContentStore _store;
    private readonly PartialFiles _files;
    private readonly ILogger _log;
    private readonly Action _closed;
    private readonly SafeFileHandle _data;
    private readonly PartialProgress _progress;
    private readonly FrontierHasher _hasher;
    private readonly CoalescingTask _hashing;
    private readonly PartialSaver _saver;
    private volatile ContentException? _diskFailure;
    private bool _ended;

    internal PartialBlob(
        FileContentStore store, PartialFiles files, PartialMap map, PartialBlobOptions options, TimeProvider clock, ILogger log, Action closed)
    {
        Digest = map.Digest;
        Length = map.Length;
        _store = store;
        _files = files;
        _log = log;
        _closed = closed;
        _data = files.OpenData(map.Length);
        _progress = new PartialProgress(map);
        _hasher = new FrontierHasher(_data, map.Digest);
        var frontier = () => _progress.Frontier;
        _hashing = new CoalescingTask(() => _hasher.Advance(frontier, _closing.Token), DiskFailed);
        _saver = new PartialSaver(files, _data, () => _progress.Snapshot(Digest), options, clock, DiskFailed);
        _hashing.Signal();
    }

    /// <summary>The blob's name.</summary>
    public Digest Digest { get; }

    /// <inheritdoc/>
    public long Length { get; }

    /// <summary>Bytes on disk, readable or not.</summary>
    public long Present => _progress.Present;

    /// <summary>True when every byte is on disk, proved or not.</summary>
    public bool IsComplete => _progress.Present == Length;

    /// <inheritdoc/>
    public long Wanted => _progress.Wanted;

    /// <inheritdoc/>
    public ByteRange? NextMissing(long from, long limit) => _progress.NextMissing(from, limit);

    /// <summary>True when every byte of the range is on disk, readable or not.</summary>
    public bool Contains(ByteRange range) => _progress.Contains(range);

    /// <summary>The ranges on disk, in order.</summary>
    public IReadOnlyList<ByteRange> PresentRanges() => [.. _progress.Snapshot(Digest).Present];

    /// <summary>True when every byte of the range may be shown at once (design §3.6).</summary>
    public bool IsReadable(ByteRange range) => _progress.IsReadable(range);

    /// <summary>The ranges that may be shown at once, in order.</summary>
    public IReadOnlyList<ByteRange> ReadableRanges() => [.. _progress.Snapshot(Digest).Readable];

    /// <summary>Bytes on disk that came from a kind of source.</summary>
    public long BytesFrom(SourceKind kind) => _progress.BytesFrom(kind);

    /// <summary>Bytes on disk by where they came from; kinds that gave nothing are left out.</summary>
    public IReadOnlyDictionary<SourceKind, long> BytesBySource() => _progress.BytesBySource();

    /// <summary>
    /// Writes on the calling thread, to the page cache. Bytes that may be shown at once replace others that may not.
    /// </summary>
    /// <exception cref="ContentStorageException">The disk refused; names the file.</exception>
    /// <exception cref="ContentMismatchException">The range reaches beyond the end of the blob.</exception>
    public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> bytes, SourceTrust trust, SourceKind kind, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (bytes.Length > Length - offset)
        {
            throw new ContentMismatchException($"A {kind} source sent bytes up to {offset + bytes.Length} of {Digest}, which has {Length}.");
        }

        var written = Write(new ByteRange(offset, bytes.Length), bytes.Span, trust, kind, out var version);
        _saver.Written(written);
        var frontier = _progress.Frontier;
        if (written == bytes.Length && written >= HashedAtOnce && frontier >= offset + written)
        {
            _hasher.TryAppend(offset, bytes.Span, version);
        }

        if (frontier - _hasher.Hashed >= HashStep || frontier == Length)
        {
            _hashing.Signal();
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Opens a reader; it outlives the seal and this object, and the most urgent one steers <see cref="Wanted"/>.</summary>
    /// <exception cref="ObjectDisposedException">The blob is closed.</exception>
    public IContentReader OpenReader(FetchPriority priority)
    {
        lock (_writing)
        {
            ObjectDisposedException.ThrowIf(_ended, this);
            return new PartialReader(Digest, Length, priority, _progress, _files.OpenForReading(), _files.Data);
        }
    }

    /// <summary>Reads bytes that are on disk, whether readers may see them or not: for peers, who prove pieces themselves.</summary>
    /// <returns>Bytes read, at most up to the next gap; 0 in a gap, and once the blob is sealed or closed.</returns>
    /// <exception cref="ContentStorageException">The disk refused.</exception>
    public int ReadPresent(long offset, Span<byte> buffer)
    {
        var readable = _progress.PresentEnd(offset) - offset;
        return readable <= 0 ? 0 : _files.ReadData(_data, buffer[..(int)Math.Min(buffer.Length, readable)], offset);
    }

    /// <summary>Ends the waits of all readers, now and later, with the cause; what has arrived stays.</summary>
    public void Fail(ContentException cause) => _progress.Fail(cause);

    /// <summary>
    /// Proves the whole against its digest and moves it into the store (design §3.7). Readers go on reading. On a
    /// mismatch the bytes that no reader was shown are dropped, or all when there are none such, and the blob can be
    /// filled again.
    /// </summary>
    /// <exception cref="ContentMismatchException">The bytes are not what the digest says; says how many were dropped.</exception>
    /// <exception cref="ContentStorageException">The disk refused; the bytes stay.</exception>
    public async ValueTask<BlobInfo> SealAsync(CancellationToken cancellationToken)
    {
        if (!IsComplete)
        {
            throw new InvalidOperationException($"{Digest} still misses {Length - Present} of {Length} bytes.");
        }

        while (true)
        {
            var (names, version) = await Task.Run(() => _hasher.Finish(Length), cancellationToken);
            if (names.Named == Digest)
            {
                await _saver.DisposeAsync();
            }

            if (TrySeal(names, version) is { } info)
            {
                _files.Delete();
                await CloseAsync();
                return info;
            }
        }
    }

    /// <summary>Gives the blob up: ends its readers and removes what has arrived.</summary>
    public async ValueTask DiscardAsync()
    {
        if (End())
        {
            await CloseAsync();
            _files.Delete();
        }
    }

    /// <summary>Closes the blob, keeps what has arrived for the next time, and ends the readers that still wait.</summary>
    public async ValueTask DisposeAsync()
    {
        if (End())
        {
            await CloseAsync(saves: _diskFailure is null);
        }
    }

    private long Write(ByteRange range, ReadOnlySpan<byte> bytes, SourceTrust trust, SourceKind kind, out int version)
    {
        var written = 0L;
        lock (_writing)
        {
            ObjectDisposedException.ThrowIf(_ended, this);
            if (_diskFailure is not null)
            {
                throw new ContentStorageException(_diskFailure.Message, _diskFailure);
            }

            for (var from = range.Offset; _progress.NextUseful(from, range.End, trust) is var (part, replaces); from = part.End)
            {
                _files.WriteData(_data, bytes.Slice((int)(part.Offset - range.Offset), (int)part.Length), part.Offset);
                if (replaces)
                {
                    _hasher.Invalidate();
                }

                _progress.Arrived(part, trust, kind);
                written += part.Length;
            }

            version = _hasher.Version;
        }

        return written;
    }

    /// <summary>Null when bytes were replaced after they had been hashed: a leg may still write when all has come.</summary>
    private BlobInfo? TrySeal(BlobNames names, int version)
    {
        lock (_writing)
        {
            ObjectDisposedException.ThrowIf(_ended, this);
            if (_hasher.Version != version)
            {
                return null;
            }

            if (names.Named != Digest)
            {
                throw DropFalse(names.Named);
            }

            var info = _store.Seal(_files.Data, _data, names, Length);
            _progress.Sealed();
            _ended = true;
            return info;
        }
    }

    private ContentMismatchException DropFalse(Digest actual)
    {
        var mismatch = new ContentMismatchException($"The {Length} bytes that came as {Digest} are {actual}; they were discarded.");
        var dropped = _progress.DropFalse(mismatch);
        _hasher.Invalidate();
        _log.SealMismatch(Digest, actual, dropped);
        _saver.Save();
        return mismatch;
    }

    private void DiskFailed(Exception cause)
    {
        var failure = cause as ContentException ?? StorageFault.Describe("keep", _files.Data, cause);
        _log.PartialFailed(Digest, failure);
        _diskFailure = failure;
        _progress.Fail(failure);
    }

    private bool End()
    {
        lock (_writing)
        {
            return !_ended && (_ended = true);
        }
    }

    private async ValueTask CloseAsync(bool saves = false)
    {
        await _saver.DisposeAsync();
        await _closing.CancelAsync();
        await _hashing.StopAsync();
        if (!_progress.IsSealed)
        {
            _progress.Fail(new ContentUnavailableException($"The transfer of {Digest} was stopped."));
        }

        if (saves)
        {
            try
            {
                _saver.Save();
            }
            catch (ContentStorageException e)
            {
                // The map before this one stands; what came since is fetched again.
                DiskFailed(e);
            }
        }

        _hasher.Dispose();
        _data.Dispose();
        _closing.Dispose();
        _closed();
    }
}
