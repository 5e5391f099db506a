using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Content.References;

namespace Pier.Fetch.Images;

/// <summary>Follows an image from its root to its blobs, through indexes, for the platforms that are wanted.</summary>
internal sealed class ImageWalk(IManifestFetcher manifests, RepositoryName repository, PlatformScope scope)
{
    /// <summary>Indexes within indexes are followed this far; nobody publishes deeper ones.</summary>
    private const int MostDepth = 4;

    private const int MostManifests = 1024;

    private readonly List<Descriptor> _manifests = [];
    private readonly Dictionary<Digest, Descriptor> _blobs = [];

    /// <summary>Every manifest and index that was followed, the root first.</summary>
    public IReadOnlyList<Descriptor> Manifests => _manifests;

    /// <summary>Configurations and layers, each once, in the order of the manifests; without layers that registries do not hold.</summary>
    public IReadOnlyCollection<Descriptor> Blobs => _blobs.Values;

    /// <summary>Follows a document.</summary>
    /// <exception cref="ContentNotFoundException">The index has nothing for the platform; lists what it has.</exception>
    /// <exception cref="ContentFormatException">Indexes nest too deep, or name too many manifests.</exception>
    public Task FollowAsync(ManifestDocument root, CancellationToken cancellationToken) => FollowAsync(root, 1, cancellationToken);

    private async Task FollowAsync(ManifestDocument document, int depth, CancellationToken cancellationToken)
    {
        if (depth > MostDepth || _manifests.Count >= MostManifests)
        {
            throw new ContentFormatException(
                $"{document.Digest}: indexes nest deeper than {MostDepth} or name more than {MostManifests} manifests.");
        }
        if (_manifests.Exists(seen => seen.Digest == document.Digest))
        {
            return;
        }
        _manifests.Add(new Descriptor(document.MediaType, document.Digest, document.Content.Length));

        switch (ManifestParser.Parse(document.MediaType, document.Content))
        {
            case ImageIndex index:
                foreach (var entry in Wanted(index))
                {
                    var next = await manifests.ByDigestAsync(repository, entry.Digest, cancellationToken);
                    await FollowAsync(next, depth + 1, cancellationToken);
                }
                break;
            case ImageManifest image:
                foreach (var blob in image.References.Where(part => !MediaTypes.IsForeignLayer(part.MediaType)))
                {
                    _blobs.TryAdd(blob.Digest, blob);
                }
                break;
        }
    }

    private IReadOnlyList<Descriptor> Wanted(ImageIndex index) =>
        scope.Platforms is { } platforms ? [.. platforms.Select(platform => Chosen(index, platform)).DistinctBy(entry => entry.Digest)] : index.Manifests;

    private Descriptor Chosen(ImageIndex index, Platform platform)
    {
        if (IndexSelection.Choose(index, platform) is { } chosen)
        {
            return chosen;
        }
        var offered = string.Join(", ", index.Manifests.Select(entry => entry.Platform?.ToString() ?? "unknown").Distinct());
        throw new ContentNotFoundException($"{repository.Familiar} has nothing for {platform}; it has {offered}. Name one of these, or take all platforms.");
    }
}
