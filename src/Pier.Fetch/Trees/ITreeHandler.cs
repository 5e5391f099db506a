using Pier.Content.Contracts;
using Pier.Content.Uris;

namespace Pier.Fetch.Trees;

/// <summary>Opens the trees of one kind of URI.</summary>
internal interface ITreeHandler
{
    /// <summary>True for URIs of its kind.</summary>
    bool Handles(ContentUri uri);

    /// <summary>Opens the tree; returns once it is known what is in it.</summary>
    /// <exception cref="ContentException">It cannot be had.</exception>
    ValueTask<IArrivingTree> OpenAsync(ContentUri uri, TreeRequest request, CancellationToken cancellationToken);
}
