using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Content.References;

namespace Pier.Fetch.Prefetch;

/// <summary>Remembers the last images whose manifests clients were given, and says which of their layers to fetch next. Not for several threads at once.</summary>
internal sealed class PulledLayers
{
    /// <summary>Lists of platforms and images with nothing to fetch count too: it need not be found out again that they are such.</summary>
    private const int MostImages = 128;

    private readonly LinkedList<(Digest Manifest, PulledImage Image)> _images = new();

    /// <summary>A client was given a manifest; one that is no image's is passed over.</summary>
    public void Note(RepositoryName repository, ManifestDocument manifest)
    {
        for (var known = _images.First; known is not null; known = known.Next)
        {
            if (known.Value.Manifest == manifest.Digest && known.Value.Image.Repository == repository)
            {
                if (known != _images.First)
                {
                    _images.Remove(known);
                    _images.AddFirst(known);
                }
                return;
            }
        }
        _images.AddFirst((manifest.Digest, new PulledImage(repository, LayersOf(manifest) is { Count: > 1 } layers ? layers : [])));
        if (_images.Count > MostImages)
        {
            _images.RemoveLast();
        }
    }

    /// <summary>A client takes a layer: those after it are wanted next. Null when no image is known to have it.</summary>
    public PulledImage? Take(RepositoryName repository, Digest layer)
    {
        foreach (var (_, image) in _images)
        {
            if (image.Repository == repository && IndexOf(image.Layers, layer) is { } index)
            {
                image.Readers++;
                image.Next = Math.Max(image.Next ?? 0, index + 1);
                return image;
            }
        }
        return null;
    }

    /// <summary>The next layer of an image that somebody reads; null when there is none.</summary>
    public BlobRequest? Next()
    {
        foreach (var (_, image) in _images)
        {
            if (image is { Readers: > 0, Next: { } next } && next < image.Layers.Count)
            {
                image.Next = next + 1;
                var layer = image.Layers[next];
                return new BlobRequest(layer.Digest, image.Repository, layer.Size, FetchPriority.Background);
            }
        }
        return null;
    }

    private static int? IndexOf(IReadOnlyList<Descriptor> layers, Digest layer)
    {
        for (var index = 0; index < layers.Count; index++)
        {
            if (layers[index].Digest == layer)
            {
                return index;
            }
        }
        return null;
    }

    private static IReadOnlyList<Descriptor>? LayersOf(ManifestDocument manifest)
    {
        try
        {
            return ManifestParser.Parse(manifest.MediaType, manifest.Content) is ImageManifest image
                ? [.. image.Layers.Where(layer => !MediaTypes.IsForeignLayer(layer.MediaType))]
                : null;
        }
        catch (ContentFormatException)
        {
            // Whoever keeps it judges it.
            return null;
        }
    }
}
