namespace Pier.Content.References;

/// <summary>
/// A repository and the registry it belongs to, normalised as Docker does: <c>busybox</c> is
/// registry <c>docker.io</c>, path <c>library/busybox</c>.
/// </summary>
/// <param name="Registry">Host with optional port; <c>docker.io</c> for Docker Hub under any of its names.</param>
/// <param name="Path">Path below <c>/v2/</c>, lower case, at most 255 characters with the registry (distribution reference grammar).</param>
public sealed record RepositoryName(string Registry, string Path)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Registry}/{Path}";
}
