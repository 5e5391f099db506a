using Pier.Content;
using Pier.Content.Contracts;

namespace Pier.Daemon.Containers;

/// <summary>Content of one file that the store holds as a blob; it stays there as long as this is open.</summary>
internal sealed class StoredFile : IDataFiles
{
    private readonly IContentReader _reader;
    private readonly IDisposable _lease;

    private StoredFile(IContentReader reader, IDisposable lease) => (_reader, _lease) = (reader, lease);

    /// <summary>Opens it; null when the store has it not.</summary>
    public static async Task<StoredFile?> OpenAsync(IContentStore store, Digest digest, CancellationToken cancellationToken)
    {
        var lease = store.Lease([digest]);
        StoredFile? file = null;
        try
        {
            return file = await store.OpenAsync(digest, cancellationToken) is { } reader ? new StoredFile(reader, lease) : null;
        }
        finally
        {
            if (file is null)
            {
                lease.Dispose();
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask<long> LengthAsync(string name, CancellationToken cancellationToken) => ValueTask.FromResult(_reader.Length);

    /// <inheritdoc/>
    public async ValueTask<int> ReadAsync(string name, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        offset >= _reader.Length ? 0 : await _reader.ReadAtAsync(offset, destination, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _reader.DisposeAsync();
        _lease.Dispose();
    }
}
