namespace Pier.BitTorrent.Transports;

/// <summary>A connection of which some bytes were read too early: they come first, then what follows.</summary>
internal sealed class EarlyStream(ReadOnlyMemory<byte> early, Stream inner) : DuplexStream
{
    private ReadOnlyMemory<byte> _early = early;

    /// <summary>The connection without detour once everything early is read.</summary>
    public Stream Rest => _early.IsEmpty ? inner : this;

    /// <inheritdoc/>
    protected override Stream Inner => inner;

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_early.IsEmpty || buffer.IsEmpty)
        {
            return inner.ReadAsync(buffer, cancellationToken);
        }

        var count = Math.Min(_early.Length, buffer.Length);
        _early[..count].CopyTo(buffer);
        _early = _early[count..];
        return ValueTask.FromResult(count);
    }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        inner.WriteAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => inner.DisposeAsync();
}
