namespace Pier.Content.Contracts;

/// <summary>Where a source delivers: a partial blob that knows what it still misses.</summary>
public interface IContentSink
{
    /// <summary>Length of the blob in bytes.</summary>
    long Length { get; }

    /// <summary>
    /// The next missing range at or after <paramref name="from"/>, at most <paramref name="limit"/> bytes long;
    /// wraps round to the start; null when nothing is missing.
    /// </summary>
    ByteRange? NextMissing(long from, long limit);

    /// <summary>Offset at which the most urgent reader waits, or 0.</summary>
    long Wanted { get; }

    /// <summary>Writes bytes at an offset and wakes the readers that wait for them; bytes already there are dropped.</summary>
    /// <exception cref="ContentStorageException">The disk refused; names the file and the errno.</exception>
    ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> bytes, SourceTrust trust, SourceKind kind, CancellationToken cancellationToken);
}
