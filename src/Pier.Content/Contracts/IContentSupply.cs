namespace Pier.Content.Contracts;

/// <summary>
/// Gives content by URI a digest, for builds: what a name stood for once it stands for ever, unless the name itself can change.
/// </summary>
public interface IContentSupply
{
    /// <summary>How far the content is; begins to fetch it when it is not here yet.</summary>
    /// <param name="request">What is wanted.</param>
    /// <param name="isFirst">True for a build's first question: content that may have changed is then looked at again.</param>
    /// <param name="patience">How long to wait for the end.</param>
    /// <param name="cancellationToken">The asker has left; the fetch goes on for a while.</param>
    Task<SupplyStatus> ResolveAsync(SupplyRequest request, bool isFirst, TimeSpan patience, CancellationToken cancellationToken);

    /// <summary>Opens what <see cref="ResolveAsync"/> gave a digest; fetches it again when it is not held any more.</summary>
    /// <param name="digest">Of the file, or of the tree's tar.</param>
    /// <param name="request">Where it comes from.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ContentException">It cannot be had, or is not what the digest says.</exception>
    Task<IContentReader> OpenAsync(Digest digest, SupplyRequest request, CancellationToken cancellationToken);
}
