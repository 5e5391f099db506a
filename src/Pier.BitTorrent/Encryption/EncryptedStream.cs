using System.Buffers;
using System.Runtime.CompilerServices;
using Pier.BitTorrent.Transports;

namespace Pier.BitTorrent.Encryption;

/// <summary>
/// A connection whose bytes are encrypted both ways. Reads are decrypted where they lie; writes are encrypted into a pooled
/// buffer and go out in one piece.
/// </summary>
internal sealed class EncryptedStream(Stream inner, Rc4 incoming, Rc4 outgoing) : DuplexStream
{
    /// <inheritdoc/>
    protected override Stream Inner => inner;

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        incoming.Apply(buffer.Span[..read], buffer.Span);
        return read;
    }

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // The caller's bytes are not ours to change.
        var encrypted = ArrayPool<byte>.Shared.Rent(buffer.Length);
        try
        {
            outgoing.Apply(buffer.Span, encrypted);
            await inner.WriteAsync(encrypted.AsMemory(0, buffer.Length), cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(encrypted);
        }
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => inner.DisposeAsync();
}
