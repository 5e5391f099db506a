using Microsoft.Win32.SafeHandles;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Store.Disk;

namespace Pier.Store.Blobs;

/// <summary>Reads a sealed blob's file; every read completes at once. The open file outlives the blob's removal.</summary>
internal sealed class SealedReader(Digest digest, string path, SafeFileHandle file) : IContentReader, IFileBacked
{
    public Digest Digest { get; } = digest;

    public long Length { get; } = RandomAccess.GetLength(file);

    public bool IsSealed => true;

    public SafeFileHandle Handle => file;

    public ValueTask<int> ReadAtAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        try
        {
            return ValueTask.FromResult(RandomAccess.Read(file, buffer.Span, offset));
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            return ValueTask.FromException<int>(StorageFault.Describe("read", path, e));
        }
    }

    public ValueTask DisposeAsync()
    {
        file.Dispose();
        return ValueTask.CompletedTask;
    }
}
