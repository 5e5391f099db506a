using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Pier.Content;
using Pier.Content.Contracts;

namespace Pier.TestKit.Stores;

/// <summary>The content store without a disk; held to the same conformance suite as the file store.</summary>
public sealed class MemoryContentStore(TimeProvider clock) : IContentStore
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<Digest, byte[]> _blobs = new();
    private readonly ConcurrentDictionary<Digest, Digest> _aliases = new();
    private readonly ConcurrentDictionary<Digest, DateTimeOffset> _lastUsed = new();
    private readonly HashSet<Digest> _pins = [];
    private readonly List<IReadOnlyCollection<Digest>> _leases = [];

    /// <summary>Puts a blob in place, as if it had been sealed before the test began.</summary>
    public Digest Add(ReadOnlySpan<byte> content, DigestAlgorithm algorithm = DigestAlgorithm.Sha256) => Seal(content.ToArray(), algorithm).Digest;

    /// <inheritdoc/>
    public ValueTask<BlobInfo?> StatAsync(Digest digest, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Stat(digest));
    }

    /// <inheritdoc/>
    public ValueTask<IContentReader?> OpenAsync(Digest digest, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var sha256 = Resolve(digest);
        if (!_blobs.TryGetValue(sha256, out var content))
        {
            return ValueTask.FromResult<IContentReader?>(null);
        }
        _lastUsed[sha256] = clock.GetUtcNow();
        return ValueTask.FromResult<IContentReader?>(new Reader(digest, content));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<BlobInfo> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var digest in _blobs.Keys)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Stat(digest) is { } info)
            {
                yield return info;
            }
        }
        await ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<IContentIngest> IngestAsync(Digest? expected, long? size, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<IContentIngest>(new Ingest(this, expected, size));
    }

    /// <inheritdoc/>
    public ValueTask<bool> RemoveAsync(Digest digest, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            var sha256 = Resolve(digest);
            if (_pins.Contains(sha256) || _leases.Any(lease => lease.Any(leased => Resolve(leased) == sha256)))
            {
                throw new ContentInUseException($"{digest} is pinned or leased.");
            }
            return ValueTask.FromResult(_blobs.TryRemove(sha256, out _));
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> PinAsync(Digest digest, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            var held = Stat(digest);
            if (held is not null)
            {
                _pins.Add(held.Sha256);
            }
            return ValueTask.FromResult(held is not null);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> UnpinAsync(Digest digest, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate) { return ValueTask.FromResult(_pins.Remove(Resolve(digest))); }
    }

    /// <inheritdoc/>
    public IDisposable Lease(IReadOnlyCollection<Digest> digests)
    {
        lock (_gate) { _leases.Add(digests); }
        return new Hold(() =>
        {
            lock (_gate) { _leases.Remove(digests); }
        });
    }

    private Digest Resolve(Digest digest) => _aliases.GetValueOrDefault(digest, digest);

    private BlobInfo? Stat(Digest digest)
    {
        lock (_gate)
        {
            var sha256 = Resolve(digest);
            return _blobs.TryGetValue(sha256, out var content)
                ? new BlobInfo(digest, content.Length, _lastUsed[sha256], _pins.Contains(sha256)) { Sha256 = sha256 }
                : null;
        }
    }

    private BlobInfo Seal(byte[] content, DigestAlgorithm algorithm)
    {
        var named = Digest.Compute(content, algorithm);
        var sha256 = Digest.Compute(content);
        _lastUsed[sha256] = clock.GetUtcNow();
        _aliases[named] = sha256;
        _blobs.TryAdd(sha256, content);
        return Stat(named)!;
    }

    private sealed class Hold(Action release) : IDisposable
    {
        private Action? _release = release;

        public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
    }

    private sealed class Reader(Digest digest, byte[] content) : IContentReader
    {
        public Digest Digest => digest;

        public long Length => content.Length;

        public bool IsSealed => true;

        public ValueTask<int> ReadAtAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = (int)Math.Min(buffer.Length, Math.Max(0, content.Length - offset));
            content.AsSpan((int)Math.Min(offset, content.Length), count).CopyTo(buffer.Span);
            return ValueTask.FromResult(count);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class Ingest(MemoryContentStore store, Digest? expected, long? size) : IContentIngest
    {
        private readonly ArrayBufferWriter<byte> _content = new();
        private bool _closed;

        public long Written => _content.WrittenCount;

        public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ObjectDisposedException.ThrowIf(_closed, this);
            if (bytes.Length > size - Written)
            {
                _closed = true;
                throw new ContentMismatchException($"More than the {size} bytes announced.");
            }
            _content.Write(bytes.Span);
            return ValueTask.CompletedTask;
        }

        public ValueTask<BlobInfo> SealAsync(CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ObjectDisposedException.ThrowIf(_closed, this);
            _closed = true;
            var actual = Digest.Compute(_content.WrittenSpan, expected?.Algorithm ?? DigestAlgorithm.Sha256);
            if (Written != (size ?? Written) || actual != (expected ?? actual))
            {
                throw new ContentMismatchException($"{Written} bytes that are {actual} came as {size} bytes of {expected}.");
            }
            return ValueTask.FromResult(store.Seal(_content.WrittenSpan.ToArray(), actual.Algorithm));
        }

        public ValueTask DisposeAsync()
        {
            _closed = true;
            return ValueTask.CompletedTask;
        }
    }
}
