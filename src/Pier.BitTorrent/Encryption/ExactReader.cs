using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Encryption;

/// <summary>Reads what an opening needs and never a byte beyond it, so that the connection itself can go on afterwards.</summary>
/// <param name="stream">The connection.</param>
/// <param name="early">Bytes of it that were read already.</param>
internal sealed class ExactReader(Stream stream, ReadOnlyMemory<byte> early)
{
    private ReadOnlyMemory<byte> _early = early;

    /// <summary>Fills a buffer.</summary>
    /// <exception cref="EndOfStreamException">The connection ended first.</exception>
    public async ValueTask ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var ready = Math.Min(_early.Length, buffer.Length);
        _early[..ready].CopyTo(buffer);
        _early = _early[ready..];
        await stream.ReadExactlyAsync(buffer[ready..], cancellationToken);
    }

    /// <summary>Reads up to the end of a pattern.</summary>
    /// <param name="pattern">What ends the padding.</param>
    /// <param name="maxPadding">Bytes that may come before it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="WireException">It does not come.</exception>
    public async ValueTask FindAsync(byte[] pattern, int maxPadding, CancellationToken cancellationToken)
    {
        var window = new byte[pattern.Length];
        await ReadAsync(window, cancellationToken);
        for (var padding = 0; !window.AsSpan().SequenceEqual(pattern);)
        {
            // The soonest that the pattern can end: where its beginning fits the end of what has come.
            var step = 1;
            while (!pattern.AsSpan().StartsWith(window.AsSpan(step)))
            {
                step++;
            }

            padding += step;
            if (padding > maxPadding)
            {
                throw new WireException($"what should end its padding does not come within {maxPadding} bytes");
            }

            window.AsSpan(step).CopyTo(window);
            await ReadAsync(window.AsMemory(window.Length - step), cancellationToken);
        }
    }
}
