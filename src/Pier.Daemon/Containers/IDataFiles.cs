namespace Pier.Daemon.Containers;

/// <summary>The files of labelled content, where they can be read: in a container or in the store. They may change at any time.</summary>
internal interface IDataFiles : IAsyncDisposable
{
    /// <summary>Bytes of a file.</summary>
    /// <param name="name">Its name below the content's folder; empty for content that is one file.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">It cannot be read, or is none that may be.</exception>
    ValueTask<long> LengthAsync(string name, CancellationToken cancellationToken);

    /// <summary>Reads from a file.</summary>
    /// <returns>Bytes read; 0 at the file's end.</returns>
    /// <exception cref="IOException">It cannot be read, or is none that may be.</exception>
    ValueTask<int> ReadAsync(string name, long offset, Memory<byte> destination, CancellationToken cancellationToken);
}
