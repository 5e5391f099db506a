using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Fetch.Uris;
using Pier.Store.Images;

namespace Pier.Fetch.Images;

/// <summary>Takes a file, or a folder with what lies below it, out of an image that is in the store.</summary>
internal sealed class ImageFiles(IContentStore store)
{
    /// <summary>Writes the path's last part below a folder. Links out of the path are not written; devices never are.</summary>
    /// <exception cref="ContentNotFoundException">The image has no such path.</exception>
    /// <exception cref="ContentException">A layer cannot be read, or the disk refused.</exception>
    public async Task<Download> ExtractAsync(PulledImage image, string path, string folder, CancellationToken cancellationToken)
    {
        var layers = await LayersAsync(image, cancellationToken);
        var got = await new ImageExtract(store).RunAsync(layers, path, folder, cancellationToken)
            ?? throw new ContentNotFoundException($"{image.Reference.Familiar} has no '/{path}'.");
        return new Download(
            got.Name, got.IsSingleFile, [.. got.Files.Select(file => new DownloadedFile(file.Path, file.Size, file.IsExecutable))], image.Sources);
    }

    /// <summary>The layers of the image's manifest for the platform that was asked for, the lowest first.</summary>
    /// <exception cref="ContentException">The manifest is not held, or is none of an image.</exception>
    public async Task<IReadOnlyList<Descriptor>> LayersAsync(PulledImage image, CancellationToken cancellationToken)
    {
        var last = image.Manifests[^1];
        await using var reader = await store.OpenAsync(last.Digest, cancellationToken)
            ?? throw new ContentNotFoundException($"The manifest {last.Digest} is not in the store.");
        var content = new byte[reader.Length];
        for (var offset = 0; offset < content.Length;)
        {
            offset += await reader.ReadAtAsync(offset, content.AsMemory(offset), cancellationToken);
        }
        return ManifestParser.Parse(last.MediaType, content) is ImageManifest manifest
            ? manifest.Layers
            : throw new ContentFormatException($"{last.Digest} is no image manifest.");
    }
}
