using Microsoft.Win32.SafeHandles;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Store.Disk;

namespace Pier.Store.Blobs;

/// <summary>A blob on its way into the file store: hashed while it is written, under a temporary name until it is proved.</summary>
internal sealed class FileIngest : IContentIngest
{
    private readonly FileContentStore _store;
    private readonly string _path;
    private readonly Digest? _expected;
    private readonly long? _size;
    private readonly BlobHasher _hasher;
    private readonly SafeFileHandle _file;
    private bool _closed;

    public FileIngest(FileContentStore store, string path, Digest? expected, long? size)
    {
        _store = store;
        _path = path;
        _expected = expected;
        _size = size;
        try
        {
            _file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            throw StorageFault.Describe("make", path, e);
        }

        _hasher = new BlobHasher(expected?.Algorithm ?? DigestAlgorithm.Sha256);
    }

    public long Written { get; private set; }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_closed, this);
        if (_size is { } size && bytes.Length > size - Written)
        {
            Abandon();
            throw new ContentMismatchException($"{Name} was announced with {size} bytes and has more.");
        }

        try
        {
            RandomAccess.Write(_file, bytes.Span, Written);
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            Abandon();
            throw StorageFault.Describe("write", _path, e);
        }

        _hasher.Append(bytes.Span);
        Written += bytes.Length;
        return ValueTask.CompletedTask;
    }

    public ValueTask<BlobInfo> SealAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_closed, this);
        try
        {
            var names = _hasher.Finish();
            if (_size is { } size && Written != size)
            {
                throw new ContentMismatchException($"{Name} was announced with {size} bytes and has {Written}.");
            }

            if (_expected is { } expected && names.Named != expected)
            {
                throw new ContentMismatchException($"The bytes that came as {expected} are {names.Named}.");
            }

            return ValueTask.FromResult(_store.Seal(_path, _file, names, Written));
        }
        finally
        {
            Abandon();
        }
    }

    public ValueTask DisposeAsync()
    {
        Abandon();
        return ValueTask.CompletedTask;
    }

    private string Name => _expected?.ToString() ?? "The content";

    /// <summary>Closes, and removes the temporary file if sealing has not moved it away.</summary>
    private void Abandon()
    {
        if (!_closed)
        {
            _closed = true;
            _file.Dispose();
            _hasher.Dispose();
            DurableFile.DeleteQuietly(_path);
        }
    }
}
