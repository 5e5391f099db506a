using Pier.Content.Contracts;

namespace Pier.Volumes.Shelf;

/// <summary>The content of a volume that shows one tree.</summary>
internal sealed class OneTree(IArrivingTree tree) : IOpenContent
{
    /// <inheritdoc/>
    public IContentTree Tree => tree.Tree;

    /// <inheritdoc/>
    public string? Folder => tree.Folder;

    /// <inheritdoc/>
    public TreeArrival Arrival => tree.Arrival;

    /// <inheritdoc/>
    public IReadOnlyList<string> Folders => tree.Folder is { } folder ? [folder] : [];

    /// <inheritdoc/>
    public IReadOnlyList<string> Failures => [];

    /// <inheritdoc/>
    public Task WantAsync(string? pattern, CancellationToken cancellationToken) => tree.WantAsync(pattern, cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> CloseAsync()
    {
        await DisposeAsync();
        return Folders;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => tree.DisposeAsync();
}
