using Pier.Content;
using Pier.Content.Contracts;

namespace Pier.Fetch.Supplies;

/// <summary>
/// A build's part in what it named by its digest alone, and what may be arriving for others: whether a repository hides it is
/// looked up after each read, as the fetch may have gone on to that repository meanwhile.
/// </summary>
/// <param name="reader">What arrives, or is here.</param>
/// <param name="refuse">Throws when the blob is hidden.</param>
internal sealed class JudgedReader(IContentReader reader, Action refuse) : IContentReader
{
    /// <inheritdoc/>
    public Digest Digest => reader.Digest;

    /// <inheritdoc/>
    public long Length => reader.Length;

    /// <inheritdoc/>
    public bool IsSealed => reader.IsSealed;

    /// <inheritdoc/>
    public async ValueTask<int> ReadAtAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var read = await reader.ReadAtAsync(offset, buffer, cancellationToken);
        refuse();
        return read;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => reader.DisposeAsync();
}
