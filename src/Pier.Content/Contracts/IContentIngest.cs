namespace Pier.Content.Contracts;

/// <summary>One blob being written in order, hashed on the way; nothing is visible before <see cref="SealAsync"/>.</summary>
public interface IContentIngest : IAsyncDisposable
{
    /// <summary>Bytes written so far.</summary>
    long Written { get; }

    /// <summary>Appends bytes.</summary>
    /// <exception cref="ContentMismatchException">More bytes than announced.</exception>
    ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>
    /// Checks size and digest, makes the bytes durable and gives the blob its name. Sealing what the
    /// store already holds succeeds and keeps the held copy.
    /// </summary>
    /// <exception cref="ContentMismatchException">Size or digest differ from what was announced; the bytes are gone.</exception>
    ValueTask<BlobInfo> SealAsync(CancellationToken cancellationToken);
}
