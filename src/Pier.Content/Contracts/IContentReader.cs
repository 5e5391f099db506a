namespace Pier.Content.Contracts;

/// <summary>Read-at access to one blob, sealed or still arriving.</summary>
public interface IContentReader : IAsyncDisposable
{
    /// <summary>The blob's name.</summary>
    Digest Digest { get; }

    /// <summary>Length of the whole blob in bytes.</summary>
    long Length { get; }

    /// <summary>True once the whole blob has been proved against its digest.</summary>
    bool IsSealed { get; }

    /// <summary>
    /// Reads at least one byte at <paramref name="offset"/>, waiting until it is readable; completes at once
    /// when the bytes are on the disk. The wait moves the fetch's priority window there.
    /// </summary>
    /// <returns>Bytes read; 0 only at the end of the blob or for an empty buffer.</returns>
    /// <exception cref="ContentUnavailableException">No source can deliver; the message names each leg that failed.</exception>
    ValueTask<int> ReadAtAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken);
}
