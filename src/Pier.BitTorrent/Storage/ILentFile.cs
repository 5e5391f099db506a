namespace Pier.BitTorrent.Storage;

/// <summary>A whole file that lies elsewhere and is read there, from several threads at once.</summary>
public interface ILentFile : IAsyncDisposable
{
    /// <summary>Fills the destination.</summary>
    /// <exception cref="IOException">It cannot be read, or is gone.</exception>
    ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken);
}
