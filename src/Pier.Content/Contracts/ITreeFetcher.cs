namespace Pier.Content.Contracts;

/// <summary>Delivery as those see it who show trees: open this content to be read while it arrives.</summary>
public interface ITreeFetcher
{
    /// <summary>Opens a tree from the first of its sources that has one. Returns once it is known what is in it.</summary>
    /// <exception cref="ContentException">No source has it; names each and why.</exception>
    ValueTask<IArrivingTree> OpenAsync(TreeRequest request, CancellationToken cancellationToken);
}
