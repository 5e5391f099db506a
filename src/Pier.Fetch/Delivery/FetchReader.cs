using Pier.Content;
using Pier.Content.Contracts;

namespace Pier.Fetch.Delivery;

/// <summary>
/// A client's part in a fetch: reads the partial blob, which goes on as the sealed one without a seam, and leaves the
/// fetch when disposed. Sources change underneath without its noticing (design §3).
/// </summary>
internal sealed class FetchReader(IContentReader reader, Action left) : IContentReader
{
    private int _disposed;

    /// <inheritdoc/>
    public Digest Digest => reader.Digest;

    /// <inheritdoc/>
    public long Length => reader.Length;

    /// <inheritdoc/>
    public bool IsSealed => reader.IsSealed;

    /// <inheritdoc/>
    public ValueTask<int> ReadAtAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
        reader.ReadAtAsync(offset, buffer, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await reader.DisposeAsync();
            left();
        }
    }
}
