namespace Pier.Content.Contracts;

/// <summary>Read-at access to one file of a tree.</summary>
public interface ITreeFile : IAsyncDisposable
{
    /// <summary>Length in bytes.</summary>
    long Length { get; }

    /// <summary>As <see cref="IContentReader.ReadAtAsync"/>.</summary>
    ValueTask<int> ReadAtAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken);
}
