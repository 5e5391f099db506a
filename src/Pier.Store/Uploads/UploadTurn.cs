using System.Buffers;
using Microsoft.Win32.SafeHandles;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Store.Blobs;
using Pier.Store.Disk;

namespace Pier.Store.Uploads;

/// <summary>The right to write to an upload, until disposed or until somebody else takes it.</summary>
public sealed class UploadTurn : IDisposable
{
    /// <summary>Well below IOV_MAX of limits.h, which bounds one gathering write.</summary>
    private const int MostSegments = 512;

    private readonly Upload _upload;
    private readonly List<ReadOnlyMemory<byte>> _segments = [];
    private Uploads? _uploads;
    private FileContentStore? _store;
    private SafeFileHandle? _file;
    private BlobNames? _proved;
    private bool _ended;

    internal UploadTurn(Upload upload, CancellationToken lost)
    {
        _upload = upload;
        Lost = lost;
    }

    /// <summary>Fires when somebody else takes the upload over.</summary>
    public CancellationToken Lost { get; }

    /// <summary>Bytes that have arrived.</summary>
    public long Offset => _upload.Offset;

    /// <summary>Appends bytes.</summary>
    /// <exception cref="ContentStorageException">The disk refused; the upload ends where it was.</exception>
    public void Append(ReadOnlySequence<byte> bytes)
    {
        var end = _upload.Offset;
        foreach (var segment in bytes)
        {
            _segments.Add(segment);
            if (_segments.Count == MostSegments)
            {
                end = WriteSegments(end);
            }
        }

        end = WriteSegments(end);
        if (Hash.Hashed == _upload.Offset)
        {
            foreach (var segment in bytes)
            {
                Hash.Append(segment.Span);
            }
        }

        _upload.Offset = end;
        _upload.LastWritten = _uploads!.Now;
    }

    /// <summary>Takes back what was appended since an earlier offset: it was refused.</summary>
    /// <exception cref="ContentStorageException">The disk refused.</exception>
    public void ReturnTo(long offset)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, _upload.Offset);
        try
        {
            RandomAccess.SetLength(_file!, offset);
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            throw StorageFault.Describe("shorten", _upload.Path, e);
        }

        if (Hash.Hashed > offset)
        {
            DropHash();
        }

        _upload.Offset = offset;
    }

    /// <summary>Makes durable what has arrived, before the client is told.</summary>
    /// <exception cref="ContentStorageException">The disk refused.</exception>
    public void Flush()
    {
        try
        {
            Posix.SyncData(_file!, _upload.Path);
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            throw StorageFault.Describe("write", _upload.Path, e);
        }
    }

    /// <summary>Proves what has arrived against the digest that it is to have.</summary>
    /// <returns>The SHA-256 name of the same bytes.</returns>
    /// <exception cref="ContentMismatchException">It is something else.</exception>
    /// <exception cref="ContentStorageException">The disk refused.</exception>
    public Digest Prove(Digest expected)
    {
        if (Hash.Algorithm != expected.Algorithm)
        {
            DropHash();
            _upload.Hash = new UploadHash(expected.Algorithm);
        }

        BlobNames names;
        try
        {
            names = Hash.Finish(_file!, _upload.Offset);
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            throw StorageFault.Describe("read", _upload.Path, e);
        }

        if (names.Named != expected)
        {
            throw new ContentMismatchException($"The {_upload.Offset} bytes that were pushed as {expected} are {names.Named}.");
        }

        _proved = names;
        return names.Sha256;
    }

    /// <summary>Makes a blob of the store of what has been proved; the upload has ended.</summary>
    /// <exception cref="ContentStorageException">The disk refused; the upload goes on.</exception>
    public BlobInfo Seal()
    {
        var names = _proved ?? throw new InvalidOperationException("An upload is proved before it is sealed.");
        var blob = _store!.Seal(_upload.Path, _file!, names, _upload.Offset);
        End();
        return blob;
    }

    /// <summary>Drops the upload and its bytes.</summary>
    public void End()
    {
        _ended = true;
        _uploads!.Remove(_upload);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_ended)
        {
            DropHash();
        }

        _file?.Dispose();
        _upload.Leave();
    }

    internal UploadTurn Open(Uploads uploads, FileContentStore store)
    {
        _uploads = uploads;
        _store = store;
        try
        {
            _file = File.OpenHandle(_upload.Path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
            _upload.Offset = RandomAccess.GetLength(_file);
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            throw StorageFault.Describe("open", _upload.Path, e);
        }

        return this;
    }

    private UploadHash Hash => _upload.Hash ??= new UploadHash(_upload.Algorithm);

    private void DropHash()
    {
        _upload.Hash?.Dispose();
        _upload.Hash = null;
    }

    private long WriteSegments(long offset)
    {
        try
        {
            RandomAccess.Write(_file!, _segments, offset);
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            _segments.Clear();
            throw StorageFault.Describe("write", _upload.Path, e);
        }

        offset += _segments.Sum(segment => (long)segment.Length);
        _segments.Clear();
        return offset;
    }
}
