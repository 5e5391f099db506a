using Pier.Content.Contracts;

namespace Pier.Store.Images;

/// <summary>A blob as a forward stream, for whoever knows only streams.</summary>
/// <param name="reader">The blob.</param>
/// <param name="ownsReader">Dispose of the reader with the stream.</param>
public sealed class ReaderStream(IContentReader reader, bool ownsReader = false) : Stream
{
    private long _position;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => reader.Length;

    /// <inheritdoc/>
    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException("The stream only goes forward.");
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await reader.ReadAtAsync(_position, buffer, cancellationToken);
        _position += read;
        return read;
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("Blobs are read asynchronously.");

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("The stream only goes forward.");

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException("Blobs are read-only.");

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Blobs are read-only.");

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (ownsReader)
        {
            await reader.DisposeAsync();
        }
        await base.DisposeAsync();
    }
}
