using Pier.Content;
using Pier.Content.Contracts;

namespace Pier.Fetch.Delivery;

/// <summary>A client's part in a blob that the store holds: tells at its end how many bytes the cache gave.</summary>
internal sealed class HeldReader(IContentReader reader, Action<long> given) : IContentReader
{
    private long _given;
    private int _disposed;

    /// <inheritdoc/>
    public Digest Digest => reader.Digest;

    /// <inheritdoc/>
    public long Length => reader.Length;

    /// <inheritdoc/>
    public bool IsSealed => true;

    /// <inheritdoc/>
    public ValueTask<int> ReadAtAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var reading = reader.ReadAtAsync(offset, buffer, cancellationToken);
        // A sealed file answers at once; only then is there nothing to wait for before counting.
        return reading.IsCompletedSuccessfully ? ValueTask.FromResult(Count(reading.Result)) : CountAsync(reading);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await reader.DisposeAsync();
            if (Interlocked.Read(ref _given) is > 0 and var bytes)
            {
                given(bytes);
            }
        }
    }

    private async ValueTask<int> CountAsync(ValueTask<int> reading) => Count(await reading);

    private int Count(int bytes)
    {
        Interlocked.Add(ref _given, bytes);
        return bytes;
    }
}
